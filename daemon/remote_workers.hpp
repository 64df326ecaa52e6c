#pragma once

#include "backends/worker_process.hpp"
#include "config/node_config.hpp"

namespace provision {

/// Calls the worker on another host that `settings` names for volumes.
/// errc::invalid_configuration for files that do not serve.
expected<worker_launcher>
remote_volume_worker(const config::worker_settings& settings);

/// The other side: waits at `workers.listen` for the daemon of another host and
/// gives each of its connections what `launch` starts. Returns when SIGTERM or
/// SIGINT comes; the error says why it cannot serve.
error offer_worker(const config::node_config& settings, worker_launcher launch);

} // namespace provision
