#pragma once

#include "actors/engine.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Adds the type public_ip, if this host can; else the reason to refuse it
/// with.
error add_public_ips(engine_options& options, node_summary& summary,
                     workload_site& site, const config::node_config& settings,
                     const node_paths& paths);

} // namespace provision
