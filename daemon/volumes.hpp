#pragma once

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Adds the type volume; `site` gets its back-end, because the disks of others
/// are volumes, too. The error says why there can be no pool.
error add_volumes(engine_options& options, node_summary& summary,
                  workload_site& site, const config::node_config& settings,
                  const node_paths& paths);

} // namespace provision
