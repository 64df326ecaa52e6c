#include "actors/workers/worker_service.hpp"
#include "backends/host/spawned_worker.hpp"

using namespace provision;

/// A worker that has nothing to do, so that only the way to it is measured.
int main() {
  become_worker("volume");
  serve_as_worker(
    worker_socket, reservation_types::volume,
    [](const std::string&, const std::shared_ptr<daemon_line>&) {
      return worker_duties{
        .functions
        = {.provision
           = [](const reservation&) -> expected<std::string> { return "null"; },
           .decommission = [](const reservation&) { return error{}; }}};
    });
}
