#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/zdb_backend.hpp"
#include "identity/secret.hpp"

namespace provision {

/// What namespaces need of the node besides a back-end. Called on the
/// provisioner's thread; may block.
struct zdb_desk {
  std::shared_ptr<zdb_backend> backend = {};
  /// Opens the password of this reservation.
  std::function<expected<secret>(const reservation& r, std::string_view sealed)>
    open_secret = {};
};

/// Provisions reservations of type zdb: a namespace of a 0-db server.
workload_functions zdb_functions(zdb_desk desk);

} // namespace provision
