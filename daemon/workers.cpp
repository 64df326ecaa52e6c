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

int worker(const config::node_config& settings, const std::string& type,
           std::ostream& err) {
  if (!is_worker_socket(worker_socket)) {
    err << "provisiond: a worker is started by its daemon; set "
           "provisioners.isolate = [\"volume\"] and run provisiond\n";
    return 2;
  }
  become_worker(type);
  reservation_type served{type};
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
