#include "daemon/containers.hpp"

#include <utility>

#include "actors/provisioners/container.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/host_container_backend.hpp"
#include "backends/host/own_addresses.hpp"
#include "daemon/kept_processes.hpp"
#include "logging/log.hpp"
#include "messages/byte_units.hpp"
#include "messages/timestamp.hpp"

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

void say_how_output_goes(const std::string& id, output_stream which,
                         const error& failed) {
  const auto what = std::string{to_string(which)} + " of a container ";
  if (failed)
    log::warn(what + "does not arrive at its redis server: " + failed.message,
              id);
  else
    log::info(what + "arrives at its redis server", id);
}

/// What containers write, and what they use, goes no nearer to the host than
/// they can themselves. A worker only notes where to: it may end at any time.
expected<std::shared_ptr<output_forwarding>>
forward_output(const std::string& folder, bool is_worker) {
  auto made = output_forwarding::start(
    {.folder = folder,
     .only_notes = is_worker,
     .may_reach =
       [](const workloads::ip_address& to) {
         return !is_reserved(to) && !is_address_of_host(to);
       },
     .pace = {.clock = std::make_shared<system_clock>()},
     .on_change = say_how_output_goes});
  if (!made)
    return fail(made.error());
  return std::shared_ptr<output_forwarding>{std::move(*made)};
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
  if (const auto& who = found.tools.images.fetch_user; !who.is_own)
    log::warn("images are fetched by the user " + who.name
              + ", whom other programs may be, too; make the user "
                "provisiond-fetch with systemd-sysusers");
  auto forwarding = forward_output(paths.containers, !site.keeps_up);
  if (!forwarding)
    log::error("what containers write stays on this host: "
               + forwarding.error().message);
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
     .networks = site.networks,
     .forwarding = forwarding.value_or(nullptr)});
  if (!backend)
    return backend.error();
  auto kept = keep_up(std::move(*backend), site, reservation_types::container,
                      "container");
  if (!kept)
    return kept.error();
  if (forwarding && site.keeps_up)
    site.bells[reservation_types::container]
      = [ring = site.bells[reservation_types::container], all = *forwarding] {
          ring();
          all->look_again();
        };
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
