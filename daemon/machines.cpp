#include "daemon/machines.hpp"

#include <utility>

#include "actors/provisioners/kubernetes.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/host_machine_backend.hpp"
#include "backends/host/process_keeper.hpp"
#include "daemon/engine_door.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// The back-end and who keeps its machines up; the keeper ends first.
struct kept_machines {
  std::unique_ptr<host_machine_backend> backend = {};
  std::unique_ptr<process_keeper> keeper = {};

  kept_machines() = default;
  kept_machines(const kept_machines&) = delete;
  kept_machines& operator=(const kept_machines&) = delete;
  ~kept_machines() { backend->on_start({}); }
};

/// Why this host can run no machines; `found` if it can.
std::string obstacle(const machine_site& site, machine_ability& found) {
  // First: most nodes have no image, and the others are quick to look at.
  if (site.image_folder.empty())
    return "machines.image_folder is not set";
  if (!site.networks)
    return "machines need networks, which this host cannot make";
  if (const auto made = folder::make(site.folder); !made)
    return made.error().message;
  found = probe_machines(site.folder);
  if (found.ability.state == ability::level::missing)
    return found.ability.reason + "; " + found.ability.remedy;
  return {};
}

void say_restored(const std::string& id, const error& failure) {
  if (failure)
    log::error("a machine could not be restored: " + failure.message, id);
  else
    log::info("machine restored", id);
}

process_keeper::duties duties_of(host_machine_backend& backend,
                                 const engine_door& door) {
  return {.restore = [&backend](
                       const std::string& id) { return backend.restore(id); },
          .restored = say_restored,
          .lost =
            [door](const std::string& id, const std::string& why) {
              log::error("a machine is given up: it " + why, id);
              return door.give_up(id, "machine " + why);
            }};
}

void tell(node_summary& summary, const ability& found) {
  summary.machines = found.technique;
  if (found.state == ability::level::degraded)
    log::warn("machines are slow on this host: " + found.reason);
}

} // namespace

error add_machines(engine_options& options, node_summary& summary,
                   const machine_site& site) {
  machine_ability found;
  if (const auto why = obstacle(site, found); !why.empty()) {
    summary.machines = "none";
    log::info("this host runs no machines: " + why);
    options.refusals[reservation_types::kubernetes] = why;
    return {};
  }
  tell(summary, found.ability);
  auto backend
    = host_machine_backend::open({.node_id = options.node_id,
                                  .folder = site.folder,
                                  .image_folder = site.image_folder,
                                  .tools = found.tools,
                                  .groups = found.groups,
                                  .volumes = site.volumes,
                                  .networks = site.networks});
  if (!backend)
    return backend.error();
  auto kept = std::make_shared<kept_machines>();
  kept->backend = std::move(*backend);
  engine_door door;
  options.companions.push_back(door.companion());
  auto keeper = process_keeper::start(kept->backend->processes(),
                                      duties_of(*kept->backend, door));
  if (!keeper)
    return keeper.error();
  kept->keeper = std::move(*keeper);
  kept->backend->on_start(
    [keeper = kept->keeper.get()] { keeper->look_again(); });
  options.provisioners[reservation_types::kubernetes] = kubernetes_functions(
    {.backend = {kept, kept->backend.get()}, .open_secret = site.open_secret});
  return {};
}

} // namespace provision
