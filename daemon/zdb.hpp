#pragma once

#include <string>

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Folders of 0-db servers: their records, and the pool on whose disk
/// namespaces are.
struct zdb_folders {
  std::string records = {};
  std::string pool = {};
};

/// Adds the type zdb, if this host can; else the reason to refuse it with.
error add_zdb(engine_options& options, node_summary& summary,
              const workload_site& site, const config::zdb_settings& settings,
              const zdb_folders& folders);

} // namespace provision
