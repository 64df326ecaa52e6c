#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/network_backend.hpp"
#include "identity/secret.hpp"

namespace provision {

struct tunnel_peer {
  /// Base64 in its one spelling.
  std::string public_key = {};
  /// "address:port"; empty for a peer that has to call us.
  std::string endpoint = {};
  /// "10.1.3.0/24", sorted, without host bits.
  std::vector<std::string> allowed = {};

  bool operator==(const tunnel_peer&) const = default;
};

/// What a network looks like on this host, worked out from what was asked.
struct network_plan {
  std::string subnet = {};
  /// The bridge's address, which is the members' way out: the first of the
  /// subnet.
  std::string gateway = {};
  /// With the length of the subnet.
  std::string bridge_address = {};
  /// 100.64.a.b/16 where a and b are the middle bytes of the subnet, as the
  /// original has it: the other nodes expect us there.
  std::string tunnel_address = {};
  std::uint16_t listen_port = 0;
  std::string public_key = {};
  /// Sorted by key.
  std::vector<tunnel_peer> peers = {};
  /// Where the tunnel leads to, sorted: the peers' IPv4 ranges.
  std::vector<std::string> routes = {};

  bool operator==(const network_plan&) const = default;
};

/// errc::invalid_reservation names the field that cannot be served.
expected<network_plan> plan_network(const workloads::network_resource& wanted);

/// errc::invalid_reservation unless `address` is one that a member may have:
/// in the subnet, neither its first or last nor the gateway. "10.1.2.5/24".
expected<std::string> member_address(const network_plan& plan,
                                     const workloads::ip_address& address);

/// What `wg setconf` reads.
secret tunnel_configuration(const network_plan& plan,
                            const secret& private_key);

/// What `nft -f` reads: replaces our table in one transaction and touches no
/// other. `tunnel` is the name of the WireGuard device.
std::string filter_rules(const network_plan& plan, const std::string& tunnel);

/// The line in which the table names its own rules.
std::string filter_mark(const network_plan& plan, const std::string& tunnel);

} // namespace provision
