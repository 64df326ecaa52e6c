#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/host/ipv6_client_record.hpp"
#include "backends/host/wireguard_tunnel.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What the operator gives the node's way into the IPv6 internet.
struct ipv6_gateway_terms {
  /// A bridge of the operator's.
  std::string bridge = {};
  /// The router's own address there, with the length of the network.
  workloads::ip_range address = {};
  /// The way out of it.
  workloads::ip_address router = {};
  /// Of which clients get addresses, /64.
  workloads::ip_range network = {};
  /// Where clients call, which is also the port to listen at.
  std::string endpoint = {};
  std::uint16_t port = 0;
};

/// What the router looks like, worked out from that and the clients.
struct ipv6_gateway_plan {
  std::string bridge = {};
  /// "2001:db8:1:2::5/64"
  std::string address = {};
  std::string router = {};
  std::uint16_t listen_port = 0;
  std::string public_key = {};
  /// Sorted by key.
  std::vector<tunnel_peer> peers = {};
  /// "2001:db8:1:2:3:4:5:6/128" of each client and the way out, "::/0"; sorted.
  std::vector<std::string> routes = {};
  /// Clients' addresses that the router answers for, because nobody is told to
  /// send them here; sorted, with "/128".
  std::vector<std::string> answered = {};
  /// Name of its WireGuard device.
  std::string tunnel = {};
};

/// All parts of the IPv6 internet.
inline constexpr const char* ipv6_internet = "2000::/3";

ipv6_gateway_plan plan_ipv6_gateway(const ipv6_gateway_terms& terms,
                                    const ipv6_clients& clients,
                                    const std::string& public_key,
                                    const std::string& tunnel);

/// An address of the network that neither a client nor the operator has: it
/// derives from the node's and the reservation's id.
workloads::ip_address new_client_address(const ipv6_gateway_terms& terms,
                                         const ipv6_clients& clients,
                                         const std::string& node_id,
                                         const std::string& id);

/// Whether both are the same network.
bool is_in_network(const workloads::ip_address& address,
                   const workloads::ip_range& network);

/// What `nft -f` reads: replaces the router's table in one transaction.
std::string filter_rules(const ipv6_gateway_plan& plan);
/// The line in which the table names its own rules, and all of the plan that
/// nobody else tells.
std::string filter_mark(const ipv6_gateway_plan& plan);

} // namespace provision
