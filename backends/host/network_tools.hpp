#pragma once

#include <string>

#include "backends/ability.hpp"
#include "messages/error.hpp"

namespace provision {

/// The programs that make networks, by absolute path.
struct network_tools {
  std::string ip = {};
  std::string nft = {};
  std::string wg = {};
  /// WireGuard in user space; empty if the kernel has its own.
  std::string wireguard_go = {};
};

/// What this host can do for networks, and with what.
struct network_ability {
  provision::ability ability = {};
  network_tools tools = {};
};

/// Finds out by making a bridge, a pair of virtual cables, a filter and a
/// WireGuard device in a network namespace that nobody else sees. Takes some
/// tens of milliseconds and leaves nothing behind.
network_ability probe_network();

} // namespace provision
