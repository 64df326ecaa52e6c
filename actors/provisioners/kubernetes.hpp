#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/machine_backend.hpp"
#include "identity/secret.hpp"

namespace provision {

/// What kubernetes needs of the node besides a back-end. Called on the
/// provisioner's thread; may block.
struct kubernetes_desk {
  std::shared_ptr<machine_backend> backend = {};
  /// Opens the cluster_secret of this reservation.
  std::function<expected<secret>(const reservation& r, std::string_view sealed)>
    open_secret = {};
  /// Whose live reservation of type public_ip this id is;
  /// errc::no_such_reservation. Empty: this node has no public addresses.
  std::function<expected<std::string>(const std::string& id)> public_ip_owner
    = {};
  /// Why it has none.
  std::string why_no_public_ips = {};
};

/// Provisions reservations of type kubernetes: a machine of the size asked for,
/// which finds k3s's configuration in /etc/rancher/k3s/config.yaml.
workload_functions kubernetes_functions(kubernetes_desk desk);

} // namespace provision
