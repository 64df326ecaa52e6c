#include "backends/host/ipv6_gateway_keeper.hpp"

#include <utility>

#include "backends/host/command.hpp"

namespace provision {

expected<std::unique_ptr<change_keeper>>
keep_ipv6_gateway(host_ipv6_gateway_backend& backend,
                  change_keeper::listener restored,
                  std::chrono::milliseconds pause) {
  const auto server = [&backend]() -> std::optional<file_descriptor> {
    if (!backend.needs_helper())
      return std::nullopt;
    const auto number = backend.helper();
    return number && *number != 0 ? open_process(*number) : file_descriptor{};
  };
  return change_keeper::start(
    {.restore = [&backend] { return backend.restore(); },
     .restored = std::move(restored),
     .space = backend.underlay(),
     .server = server,
     .pause = pause});
}

} // namespace provision
