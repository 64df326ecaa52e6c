#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/gateway_backend.hpp"
#include "identity/secret.hpp"

namespace provision {

/// What gateways need of the node besides a back-end. Called on the
/// provisioner's thread; may block.
struct gateway_desk {
  std::shared_ptr<gateway_backend> backend = {};
  /// Opens the secret of this reservation.
  std::function<expected<secret>(const reservation& r, std::string_view sealed)>
    open_secret = {};
};

/// Provisions reservations of the types proxy, reverse_proxy, subdomain and
/// domain_delegate. Like the original's gateway it has nothing to tell their
/// owners: the result's data is null.
workload_functions gateway_functions(gateway_desk desk);

} // namespace provision
