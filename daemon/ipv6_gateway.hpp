#pragma once

#include "actors/engine.hpp"
#include "backends/host/ipv6_gateway_plan.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Of settings that were validated; no bridge if none is set.
ipv6_gateway_terms ipv6_terms(const config::gateway_settings& settings);

/// Adds the type gateway4to6, if the operator has given it a bridge and this
/// host can; else the reason to refuse it with.
error add_ipv6_gateway(engine_options& options, node_summary& summary,
                       workload_site& site, const config::node_config& settings,
                       const node_paths& paths);

} // namespace provision
