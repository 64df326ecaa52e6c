#pragma once

#include <memory>

#include "config/node_config.hpp"
#include "control/api_server.hpp"
#include "http/http_server.hpp"

namespace provision {

/// Serves /livez, /readyz and /metrics over TCP, to be read only, where
/// `settings` say; null if nowhere. Everything else is not found there, orders
/// least of all. Limits: 8 connections, 8 KiB of headers, no body, 30 s for a
/// next request, 5 s to take an answer. errc::invalid_configuration if the
/// address cannot be used.
expected<std::unique_ptr<http_server>>
serve_metrics(const config::metrics_settings& settings,
              std::shared_ptr<api_door> door);

} // namespace provision
