#include "daemon/containers.hpp"

#include <utility>

#include "actors/provisioners/container.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/host_container_backend.hpp"
#include "daemon/kept_processes.hpp"
#include "logging/log.hpp"
#include "messages/byte_units.hpp"

namespace provision {

namespace {

/// Why this host can run no containers; `found` if it can.
std::string obstacle(const workload_site& site, const std::string& folder,
                     container_ability& found) {
  if (!site.networks)
    return "containers need networks, which this host cannot make";
  if (const auto made = folder::make(folder); !made)
    return made.error().message;
  found = probe_containers(folder);
  if (found.ability.state == ability::level::missing)
    return found.ability.reason + "; " + found.ability.remedy;
  return {};
}

} // namespace

error add_containers(engine_options& options, node_summary& summary,
                     workload_site& site, const config::node_config& settings,
                     const node_paths& paths) {
  const auto& wanted = settings.containers;
  container_ability found;
  if (const auto why = obstacle(site, paths.containers, found); !why.empty()) {
    summary.containers = "none";
    log::warn("this host can run no containers: " + why);
    options.refusals[reservation_types::container] = why;
    options.inventories.push_back(
      unseen(reservation_types::container, paths.containers));
    return {};
  }
  summary.containers = found.ability.technique;
  auto backend = host_container_backend::open(
    {.node_id = options.node_id,
     .folder = paths.containers,
     .images = {.folder = paths.images,
                .own_images = paths.own_images,
                .auth_file = wanted.registry_auth_file,
                .image_bytes_max = wanted.image_size_max * gib,
                .images_bytes_max = wanted.images_size_max * gib},
     .tools = found.tools,
     .groups = found.groups,
     .volumes = site.volumes,
     .networks = site.networks});
  if (!backend)
    return backend.error();
  auto kept = keep_up(std::move(*backend), site, reservation_types::container,
                      "container");
  if (!kept)
    return kept.error();
  add_meter(site, reservation_types::container, *kept);
  options.inventories.push_back(
    inventory_of(reservation_types::container, *kept));
  options.provisioners[reservation_types::container]
    = container_functions({.backend = *kept,
                           .volume_owner =
                             [owner = site.owner](const std::string& id) {
                               return owner(reservation_types::volume, id);
                             },
                           .open_secret = site.open_secret});
  return {};
}

} // namespace provision
