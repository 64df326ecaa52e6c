#include "daemon/workers.hpp"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "actors/provisioners/volume.hpp"
#include "actors/workers/worker_service.hpp"
#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/spawned_worker.hpp"
#include "daemon/commands.hpp"
#include "daemon/node.hpp"
#include "daemon/remote_workers.hpp"
#include "logging/log.hpp"

namespace provision {

bool is_isolated(const config::node_config& settings,
                 const reservation_type& type) {
  auto& isolated = settings.provisioners.isolate;
  return std::ranges::find(isolated, type.name) != isolated.end();
}

worker_launcher own_worker(const config::node_config& settings,
                           const reservation_type& type) {
  return spawn_worker({.arguments = {"provisiond", "worker", "--type",
                                     type.name, "--config", "/dev/stdin"},
                       .input = config::write(settings)});
}

expected<workload_functions>
worker_functions(const config::node_config& settings,
                 const reservation_type& type) {
  if (type != reservation_types::volume)
    return fail(errc::type_not_offered,
                "type " + type.name + " has no worker; volume has");
  auto backend
    = choose_volume_backend(settings.volumes, node_paths{settings}.volumes);
  if (!backend)
    return fail(backend.error());
  return volume_functions(std::move(*backend));
}

namespace commands {

namespace {

/// For the daemon of another host.
int offer(const config::node_config& settings, const reservation_type& type,
          std::ostream& err) {
  const auto broken = config::validate_workers(settings);
  if (broken) {
    err << "provisiond: " << broken.message << '\n';
    return 2;
  }
  if (const auto failure = offer_worker(settings, own_worker(settings, type))) {
    err << "provisiond: " << to_string(failure) << '\n';
    return failure.code == errc::invalid_configuration ? 2 : 1;
  }
  return 0;
}

} // namespace

int worker(const config::node_config& settings, const std::string& type,
           std::ostream& err) {
  const reservation_type served{type};
  if (!is_worker_socket(worker_socket)) {
    if (!settings.workers.listen.empty())
      return offer(settings, served, err);
    err << "provisiond: a worker is started by its daemon; set "
           "provisioners.isolate = [\"volume\"] and run provisiond, or "
           "workers.listen to serve the daemon of another host\n";
    return 2;
  }
  become_worker(type);
  auto functions = worker_functions(settings, served);
  if (!functions) {
    log::error("worker cannot start: " + to_string(functions.error()), {},
               {{"type", type}});
    return 1;
  }
  serve_as_worker(worker_socket, served, std::move(*functions));
}

} // namespace commands

} // namespace provision
