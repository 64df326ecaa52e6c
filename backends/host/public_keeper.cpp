#include "backends/host/public_keeper.hpp"

#include <utility>

namespace provision {

expected<std::unique_ptr<change_keeper>>
keep_public_ips(host_public_ip_backend& backend,
                change_keeper::listener restored,
                std::chrono::milliseconds pause) {
  return change_keeper::start({.restore = [&] { return backend.restore(); },
                               .restored = std::move(restored),
                               .space = backend.space(),
                               .hears_filters = true,
                               .pause = pause});
}

} // namespace provision
