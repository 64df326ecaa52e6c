#pragma once

#include <chrono>
#include <memory>

#include "backends/host/change_keeper.hpp"
#include "backends/host/host_ipv6_gateway_backend.hpp"

namespace provision {

/// Keeps the way into the IPv6 internet up, and its wireguard-go running.
/// `backend` must outlive the keeper.
expected<std::unique_ptr<change_keeper>> keep_ipv6_gateway(
  host_ipv6_gateway_backend& backend, change_keeper::listener restored,
  std::chrono::milliseconds pause = std::chrono::milliseconds{1000});

} // namespace provision
