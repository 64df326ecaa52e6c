#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "actors/orphan.hpp"
#include "backends/network_backend.hpp"
#include "backends/public_ip_backend.hpp"
#include "backends/volume_backend.hpp"
#include "control/usage_meter.hpp"
#include "daemon/engine_door.hpp"
#include "identity/key_directory.hpp"
#include "identity/node_key.hpp"
#include "identity/secret.hpp"
#include "messages/reservation.hpp"

namespace provision {

/// For engine_options::inventories: what `backend` holds of a type, which goes
/// by its id.
template <class Backend>
inventory inventory_of(reservation_type type,
                       std::shared_ptr<Backend> backend) {
  return {
    .type = std::move(type),
    .list = [backend] { return backend->list(); },
    .remove
    = [backend](const held_object& what) { return backend->destroy(what.id); }};
}

/// The same for a type that this host cannot serve any more: as long as its
/// `folder` holds anything, nobody knows what that is and which volumes it
/// uses.
inventory unseen(reservation_type type, std::string folder);

/// What types that build on others need of the rest of the node, and what they
/// leave for it. The daemon has one, and each worker process one of its own.
struct workload_site {
  /// This process looks after what its back-ends have made, and tells of what
  /// they cannot: in a daemon's worker that is its daemon's.
  bool keeps_up = true;
  std::shared_ptr<volume_backend> volumes = {};
  /// Null: this host can make none.
  std::shared_ptr<network_backend> networks = {};
  /// Null: this host has none; then it is said why.
  std::shared_ptr<public_ip_backend> public_ips = {};
  std::string why_no_public_ips = {};
  std::function<expected<secret>(const reservation& r, std::string_view sealed)>
    open_secret = {};
  /// Opens the private key of a network.
  std::function<expected<secret>(std::string_view sealed)> open_network_key
    = {};
  /// See engine_door::owner().
  std::function<expected<std::string>(const reservation_type& type,
                                      const std::string& id)>
    owner = {};
  /// Back-ends tell the engine by it what is beyond repair.
  engine_door door = {};
  /// Types leave here who measures their workloads.
  std::shared_ptr<usage_readers> usage = std::make_shared<usage_readers>();
  /// Types leave here whom to tell that another process may have made or
  /// removed one of theirs.
  std::map<reservation_type, std::function<void()>> bells = {};
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
