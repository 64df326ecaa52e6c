#pragma once

#include "backends/ability.hpp"
#include "backends/host/network_tools.hpp"
#include "backends/host/public_bridge.hpp"

namespace provision {

/// What this host can do for public addresses, and with what.
struct public_ability {
  provision::ability ability = {};
  network_tools tools = {};
};

/// Finds out by making a bridge, a cable, a tap and the filter of an address
/// in a network namespace that nobody else sees, and by looking at the bridge
/// of `place`. Takes some tens of milliseconds and leaves nothing behind.
public_ability probe_public_ips(const public_place& place);

} // namespace provision
