#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "backends/network_backend.hpp"
#include "backends/volume_backend.hpp"
#include "control/usage_meter.hpp"
#include "identity/key_directory.hpp"
#include "identity/node_key.hpp"
#include "identity/secret.hpp"
#include "messages/reservation.hpp"

namespace provision {

/// What types that build on others need of the rest of the node.
struct workload_site {
  std::shared_ptr<volume_backend> volumes = {};
  /// Null: this host can make none.
  std::shared_ptr<network_backend> networks = {};
  std::function<expected<secret>(const reservation& r, std::string_view sealed)>
    open_secret = {};
  /// Types leave here who measures their workloads.
  std::shared_ptr<usage_readers> usage = std::make_shared<usage_readers>();
};

/// Leaves there that `backend` measures the workloads of `type`.
template <class Backend>
void add_meter(const workload_site& site, const reservation_type& type,
               std::shared_ptr<Backend> backend) {
  site.usage->emplace(type.name, [backend](const std::string& name) {
    return backend->usage(name);
  });
}

/// Opens what is sealed for the node with `key`, by the rule of the
/// reservation's version. Blocks while the explorer is asked for the user's
/// key; `keys` may be null.
std::function<expected<secret>(const reservation&, std::string_view)>
opener_of_secrets(const node_key& key, std::shared_ptr<key_directory> keys);

} // namespace provision
