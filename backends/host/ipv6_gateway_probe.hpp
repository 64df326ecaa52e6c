#pragma once

#include "backends/ability.hpp"
#include "backends/host/ipv6_gateway_plan.hpp"
#include "backends/host/network_tools.hpp"

namespace provision {

/// What this host can do for tunnels into the IPv6 internet, and with what.
struct ipv6_gateway_ability {
  provision::ability ability = {};
  network_tools tools = {};
};

/// Finds out by making a whole router with one client, and its bridge, in
/// network namespaces that nobody else sees, and by looking at the bridge of
/// `terms`, which may have none. `underlay`: namespace of that. Takes some tens
/// of milliseconds and leaves nothing behind.
ipv6_gateway_ability probe_ipv6_gateway(const ipv6_gateway_terms& terms,
                                        const std::string& underlay);

} // namespace provision
