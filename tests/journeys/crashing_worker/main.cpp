#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "actors/workers/worker_service.hpp"
#include "backends/host/spawned_worker.hpp"

using namespace provision;

namespace {

/// What becomes of a volume, by its size in GiB; tests/journeys/
/// crashing_worker_test.cpp knows the same list. Any other size works.
expected<std::string> provision_volume(const reservation& r) {
  const auto* wanted = std::get_if<workloads::volume>(&r.workload);
  if (wanted == nullptr)
    return fail(r.data_error);
  switch (wanted->size) {
  case 2:
    // A sanitizer would catch it first.
    ::signal(SIGSEGV, SIG_DFL);
    ::raise(SIGSEGV);
    break;
  case 3:
    std::abort();
  case 4:
    std::_Exit(3);
  case 5:
    for (;;)
      ::pause();
  case 6:
    if (::write(worker_socket, "HTTP/1.1 200 OK\r\n\r\n", 19) < 0)
      std::abort();
    break;
  case 7:
    throw std::runtime_error{"thrown in the worker"};
  case 8:
    return fail(errc::provision_failed, "refused in the worker", 28);
  case 9:
    return "\"" + std::string(20U << 20U, 'x') + "\"";
  default:
    break;
  }
  return "{\"volume_id\":\"" + filesystem_name(r) + "\"}";
}

} // namespace

int main() {
  become_worker("volume");
  serve_as_worker(worker_socket, reservation_types::volume,
                  {.provision = provision_volume,
                   .decommission = [](const reservation&) { return error{}; }});
}
