#pragma once

#include <chrono>
#include <memory>

#include "backends/host/change_keeper.hpp"
#include "backends/host/host_public_ip_backend.hpp"

namespace provision {

/// Keeps the filter of public addresses loaded and their machines connected.
/// `backend` must outlive the keeper.
expected<std::unique_ptr<change_keeper>> keep_public_ips(
  host_public_ip_backend& backend, change_keeper::listener restored,
  std::chrono::milliseconds pause = std::chrono::milliseconds{200});

} // namespace provision
