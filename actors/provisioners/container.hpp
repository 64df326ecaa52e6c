#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/container_backend.hpp"
#include "identity/secret.hpp"

namespace provision {

/// What containers need of the node besides a back-end. Called on the
/// provisioner's thread; may block.
struct container_desk {
  std::shared_ptr<container_backend> backend = {};
  /// Whose live reservation of type volume this id is;
  /// errc::no_such_reservation if it is none.
  std::function<expected<std::string>(const std::string& id)> volume_owner = {};
  /// Opens a value of `secret_env` or `logs` of this reservation.
  std::function<expected<secret>(const reservation& r, std::string_view sealed)>
    open_secret = {};
};

/// Provisions reservations of type container.
workload_functions container_functions(container_desk desk);

} // namespace provision
