#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backends/presence.hpp"
#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision {

/// Where a reservation wants the node's log to be sent.
struct debug_order {
  std::string id = {};
  workloads::ip_address host = {};
  std::uint16_t port = 0;
  std::string channel = {};

  bool operator==(const debug_order&) const = default;
};

struct debug_facts {
  presence state = presence::absent;
  /// Lines that arrived, and those that had to make room for later ones.
  std::uint64_t sent = 0;
  std::uint64_t dropped = 0;
};

/// Sends the node's log elsewhere. Every call returns at once, whether anybody
/// is there or not. Thread-safe. Keeps the contract of backends/presence.hpp;
/// nothing of it outlives the daemon.
class debug_backend {
public:
  virtual ~debug_backend() = default;

  virtual debug_facts inspect(std::string_view id) = 0;
  virtual error ensure(const debug_order& order) = 0;
  virtual error destroy(std::string_view id) = 0;
};

} // namespace provision
