#pragma once

#include <string>

#include "actors/engine.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Folders of machines: their records, and the image that they boot; empty:
/// there is none.
struct machine_folders {
  std::string records = {};
  std::string image = {};
};

/// Adds the type kubernetes, if this host can; else the reason to refuse it
/// with. errc::invalid_configuration if the image is not complete.
error add_machines(engine_options& options, node_summary& summary,
                   const workload_site& site, const machine_folders& folders);

} // namespace provision
