#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/presence.hpp"
#include "messages/error.hpp"
#include "messages/workloads/network_resource.hpp"

namespace provision {

/// What a reservation asks of a network.
struct network_order {
  /// The network's id on this node, from network_id().
  std::string id = {};
  /// Whose network it is. Two users' names can yield one id.
  std::string user_id = {};
  /// Id of the reservation that asks. A network lives as long as one holds it.
  std::string holder = {};
  workloads::network_resource resource = {};
};

struct network_facts {
  presence state = presence::absent;
  /// Bytes that came in and went out through the tunnels.
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;
  /// Peers that have ever answered.
  std::size_t peers_heard = 0;
  /// Why the state is neither absent nor present.
  std::string reason = {};
};

/// Something that is to be connected to a network.
struct network_member {
  /// Reservation id of the container or machine.
  std::string id = {};
  /// Addresses in this node's part of the network.
  std::vector<workloads::ip_address> addresses = {};
  /// A machine has its addresses itself: its namespace holds only a bridge
  /// from "eth0" to machine_tap.
  bool is_machine = false;
};

/// The interface that a machine's processor opens, in the member's namespace.
inline constexpr const char* machine_tap = "tap0";

/// What a machine has to be told of its network.
struct network_terms {
  /// "10.1.2.5/24".
  std::string address = {};
  std::string gateway = {};
  /// The whole network, all nodes' parts: "10.1.0.0/16".
  std::string range = {};
  /// Bytes of the largest packet.
  std::uint32_t mtu = 0;
};

/// Networks on this host: this node's part of each is a router with a bridge
/// for its members and tunnels to the other nodes' parts. Blocks; each call may
/// take seconds. Thread-safe. Keeps the contract of backends/presence.hpp.
class network_backend {
public:
  virtual ~network_backend() = default;

  virtual network_facts inspect(std::string_view id) = 0;

  /// errc::invalid_reservation names the field that cannot be served, or the
  /// other network that is in the way; peers, ports and ranges of a network
  /// that is there are changed in place.
  virtual error ensure(const network_order& order) = 0;

  /// Lets go for `holder`; the network goes with its last holder.
  virtual error destroy(std::string_view id, std::string_view holder) = 0;

  /// How a member with this address is to set up its interface; changes
  /// nothing. errc::invalid_reservation if the network is not here or has no
  /// such address for members.
  virtual expected<network_terms> terms(std::string_view id,
                                        const workloads::ip_address& address)
    = 0;

  /// Connects a member, and yields the path of the network namespace that it
  /// is to run in, where "eth0" has its addresses. errc::invalid_reservation
  /// if the network is not here or an address is not free in it.
  virtual expected<std::string> attach(std::string_view id,
                                       const network_member& member)
    = 0;

  /// Disconnects a member and removes its namespace; absent is a success, also
  /// if the network is gone.
  virtual error detach(std::string_view id, std::string_view member) = 0;

  /// Every network that is here, once for each reservation that holds it; its
  /// id is `what`. One without a record has no reservation.
  virtual expected<std::vector<held_object>> list() = 0;
};

} // namespace provision
