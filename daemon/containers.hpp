#pragma once

#include <string>

#include "actors/engine.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// Folders of containers: their records, the images that are unpacked, and
/// those that the operator has laid there.
struct container_folders {
  std::string records = {};
  std::string images = {};
  std::string own_images = {};
};

/// Adds the type container, if this host can; else the reason to refuse it
/// with.
error add_containers(engine_options& options, node_summary& summary,
                     const workload_site& site,
                     const container_folders& folders,
                     const config::container_settings& settings);

} // namespace provision
