#pragma once

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Networks, if this host can make them; else the reason to refuse them with.
error add_networks(engine_options& options, node_summary& summary,
                   workload_site& site, const config::node_config& settings,
                   const node_paths& paths);

} // namespace provision
