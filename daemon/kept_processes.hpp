#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/host/process_keeper.hpp"
#include "daemon/engine_door.hpp"
#include "daemon/workload_site.hpp"
#include "logging/log.hpp"

namespace provision {

/// A back-end of supervised workloads and who keeps them up; the keeper ends
/// first.
template <class Backend>
struct kept_processes {
  explicit kept_processes(std::unique_ptr<Backend> made)
    : backend{std::move(made)} {}
  kept_processes(const kept_processes&) = delete;
  kept_processes& operator=(const kept_processes&) = delete;
  ~kept_processes() { backend->on_start({}); }

  std::unique_ptr<Backend> backend;
  std::unique_ptr<process_keeper> keeper = {};
};

/// What the keeper does for the workloads of `backend`; `what` names one of
/// them for people, such as "container".
template <class Backend>
process_keeper::duties duties_of(Backend& backend, const engine_door& door,
                                 const std::string& what) {
  return {.restore
          = [&backend](const std::string& id) { return backend.restore(id); },
          .restored =
            [what](const std::string& id, const error& failure) {
              if (failure)
                log::error("a " + what
                             + " could not be restored: " + failure.message,
                           id);
              else
                log::info(what + " restored", id);
            },
          .lost =
            [door, what](const std::string& id, const std::string& why) {
              log::error("a " + what + " is given up: it " + why, id);
              return door.give_up(id, what + ' ' + why);
            }};
}

/// Keeps the workloads of `backend` up, by `duties`, as long as somebody has
/// what it yields; does nothing of the kind where that is another process's.
/// `types`: of the workloads.
template <class Backend>
expected<std::shared_ptr<Backend>>
keep_up(std::unique_ptr<Backend> backend, workload_site& site,
        const std::vector<reservation_type>& types,
        process_keeper::duties duties) {
  auto kept = std::make_shared<kept_processes<Backend>>(std::move(backend));
  auto& own = *kept->backend;
  if (!site.keeps_up)
    return std::shared_ptr<Backend>{kept, &own};
  auto keeper = process_keeper::start(own.processes(), std::move(duties));
  if (!keeper)
    return fail(keeper.error());
  kept->keeper = std::move(*keeper);
  own.on_start([keeper = kept->keeper.get()] { keeper->look_again(); });
  for (const auto& type : types)
    site.bells[type] = [kept] { kept->keeper->look_again(); };
  return std::shared_ptr<Backend>{kept, &own};
}

template <class Backend>
expected<std::shared_ptr<Backend>>
keep_up(std::unique_ptr<Backend> backend, workload_site& site,
        const reservation_type& type, const std::string& what) {
  auto& own = *backend;
  return keep_up(std::move(backend), site, {type},
                 duties_of(own, site.door, what));
}

} // namespace provision
