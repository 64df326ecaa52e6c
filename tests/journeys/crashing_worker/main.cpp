#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "actors/workers/worker_service.hpp"
#include "backends/host/spawned_worker.hpp"

using namespace provision;

namespace {

/// Takes memory until the kernel says no; gives up where nothing limits it.
[[noreturn]] void take_memory() {
  constexpr std::size_t piece = 4U << 20U;
  for (std::size_t taken = 0; taken < (1U << 30U); taken += piece) {
    auto* more = static_cast<volatile char*>(std::malloc(piece));
    for (std::size_t i = 0; more != nullptr && i < piece; i += 4096)
      more[i] = 1;
  }
  std::_Exit(4);
}

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
  case 10:
    take_memory();
  default:
    break;
  }
  return "{\"volume_id\":\"" + filesystem_name(r) + "\"}";
}

} // namespace

int main() {
  become_worker("volume");
  serve_as_worker(worker_socket, reservation_types::volume,
                  [](const std::string&, const std::shared_ptr<daemon_line>&) {
                    return worker_duties{
                      .functions = {.provision = provision_volume,
                                    .decommission = [](const reservation&) {
                                      return error{};
                                    }}};
                  });
}
