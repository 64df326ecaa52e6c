#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "actors/engine.hpp"
#include "backends/network_backend.hpp"
#include "backends/volume_backend.hpp"
#include "daemon/node.hpp"
#include "identity/secret.hpp"

namespace provision {

/// What machines need of the rest of the node.
struct machine_site {
  /// Folder of their records.
  std::string folder = {};
  /// Of the image that they boot; empty: there is none.
  std::string image_folder = {};
  std::shared_ptr<volume_backend> volumes = {};
  /// Null: this host can make none.
  std::shared_ptr<network_backend> networks = {};
  std::function<expected<secret>(const reservation& r, std::string_view sealed)>
    open_secret = {};
};

/// Adds the type kubernetes, if this host can; else the reason to refuse it
/// with. errc::invalid_configuration if the image is not complete.
error add_machines(engine_options& options, node_summary& summary,
                   const machine_site& site);

} // namespace provision
