#pragma once

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Adds the type kubernetes, if this host can; else the reason to refuse it
/// with. errc::invalid_configuration if the image is not complete.
error add_machines(engine_options& options, node_summary& summary,
                   workload_site& site, const config::node_config& settings,
                   const node_paths& paths);

} // namespace provision
