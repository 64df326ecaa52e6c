#pragma once

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Adds the type zdb, if this host can; else the reason to refuse it with.
error add_zdb(engine_options& options, node_summary& summary,
              workload_site& site, const config::node_config& settings,
              const node_paths& paths);

} // namespace provision
