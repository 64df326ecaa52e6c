#pragma once

#include <string>

#include "backends/worker_process.hpp"
#include "config/node_config.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// Calls the worker on another host at `where`, a host and a port.
/// errc::invalid_configuration for files that do not serve.
expected<worker_launcher>
dial_remote_worker(const config::worker_settings& settings,
                   const std::string& where);

/// Why a worker of another host cannot serve this type; nothing if it can.
error why_not_elsewhere(const reservation_type& type);

/// The other side: waits at `workers.listen` for the daemon of another host and
/// gives each of its connections what `launch` starts. Returns when SIGTERM or
/// SIGINT comes; the error says why it cannot serve.
error offer_worker(const config::node_config& settings, worker_launcher launch);

} // namespace provision
