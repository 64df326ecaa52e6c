#include "daemon/machines.hpp"

#include <utility>

#include "actors/provisioners/kubernetes.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/host_machine_backend.hpp"
#include "daemon/kept_processes.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Why this host can run no machines; `found` if it can.
std::string obstacle(const workload_site& site, const std::string& image,
                     const std::string& folder, machine_ability& found) {
  // First: most nodes have no image, and the others are quick to look at.
  if (image.empty())
    return "machines.image_folder is not set";
  if (!site.networks)
    return "machines need networks, which this host cannot make";
  if (const auto made = folder::make(folder); !made)
    return made.error().message;
  found = probe_machines(folder);
  if (found.ability.state == ability::level::missing)
    return found.ability.reason + "; " + found.ability.remedy;
  return {};
}

void tell_of_machines(node_summary& summary, const workload_site& site,
                      const ability& found) {
  summary.machines = found.technique;
  if (site.keeps_up && found.state == ability::level::degraded)
    log::warn("machines are slow on this host: " + found.reason);
}

} // namespace

error add_machines(engine_options& options, node_summary& summary,
                   workload_site& site, const config::node_config& settings,
                   const node_paths& paths) {
  const auto& image = settings.machines.image_folder;
  machine_ability found;
  if (const auto why = obstacle(site, image, paths.machines, found);
      !why.empty()) {
    summary.machines = "none";
    log::info("this host runs no machines: " + why);
    options.refusals[reservation_types::kubernetes] = why;
    options.inventories.push_back(
      unseen(reservation_types::kubernetes, paths.machines));
    return {};
  }
  tell_of_machines(summary, site, found.ability);
  auto backend = host_machine_backend::open({.node_id = options.node_id,
                                             .folder = paths.machines,
                                             .image_folder = image,
                                             .tools = found.tools,
                                             .groups = found.groups,
                                             .volumes = site.volumes,
                                             .networks = site.networks,
                                             .public_ips = site.public_ips});
  if (!backend)
    return backend.error();
  auto kept = keep_up(std::move(*backend), site, reservation_types::kubernetes,
                      "machine");
  if (!kept)
    return kept.error();
  add_meter(site, reservation_types::kubernetes, *kept);
  options.inventories.push_back(
    inventory_of(reservation_types::kubernetes, *kept));
  kubernetes_desk desk{.backend = *kept,
                       .open_secret = site.open_secret,
                       .why_no_public_ips = site.why_no_public_ips};
  if (site.public_ips)
    desk.public_ip_owner = [owner = site.owner](const std::string& id) {
      return owner(reservation_types::public_ip, id);
    };
  options.provisioners[reservation_types::kubernetes]
    = kubernetes_functions(std::move(desk));
  return {};
}

} // namespace provision
