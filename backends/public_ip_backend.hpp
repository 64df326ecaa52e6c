#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/presence.hpp"
#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// What a reservation asks of a public address.
struct public_ip_order {
  std::string id = {};
  /// IPv4, with the length of the network that its gateway is in.
  workloads::ip_range address = {};
};

struct public_ip_facts {
  presence state = presence::absent;
  /// The machine that has it; empty: none has.
  std::string machine = {};
  /// Why the state is neither absent nor present.
  std::string reason = {};
};

/// How a machine is to set up its public card.
struct public_terms {
  /// "185.69.222.10/24".
  std::string address = {};
  std::string gateway = {};
  /// Derived from the address: nothing else passes the filter.
  std::string hardware_address = {};
  /// Bytes of the largest packet.
  std::uint32_t mtu = 0;
};

/// The interface that a machine's processor opens for its public card, in the
/// machine's namespace.
inline constexpr const char* public_tap = "tap1";

/// Public IPv4 addresses of this host's machines. What a machine sends under
/// any other address never reaches the public network. Blocks; each call may
/// take a second. Thread-safe. Keeps the contract of backends/presence.hpp.
class public_ip_backend {
public:
  virtual ~public_ip_backend() = default;

  virtual public_ip_facts inspect(std::string_view id) = 0;

  /// errc::invalid_reservation names what is in the way: another reservation
  /// or somebody on the public network has the address, or it is none that can
  /// be given away here.
  virtual error ensure(const public_ip_order& order) = 0;

  /// Also cuts the machine off that has it.
  virtual error destroy(std::string_view id) = 0;

  /// Gives the machine, whose namespace is there, a public card. Without such
  /// an address errc::no_such_reservation: then it has the card all the same,
  /// and nothing at its other end. errc::invalid_reservation if another
  /// machine has it.
  virtual expected<public_terms> attach(std::string_view id,
                                        std::string_view machine)
    = 0;

  /// Cuts the machine off; absent is a success.
  virtual error detach(std::string_view id, std::string_view machine) = 0;

  /// All that is here, whether recorded or not.
  virtual expected<std::vector<held_object>> list() = 0;
};

} // namespace provision
