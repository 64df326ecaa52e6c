#pragma once

#include <memory>

#include "config/node_config.hpp"
#include "control/api_server.hpp"
#include "http/http_server.hpp"

namespace provision {

/// Serves the dashboard's page over TCP, and the questions that it asks, where
/// `settings` say; null if nowhere. Orders and everything else are not found
/// there. A listener of its own, so that browsers, which keep connections,
/// never take them from a supervisor's health checks. Limits: 32 connections,
/// 16 KiB of headers, no body, 30 s for a next request, 5 s to take an answer.
/// errc::invalid_configuration if the address cannot be used.
expected<std::unique_ptr<http_server>>
serve_dashboard(const config::dashboard_settings& settings,
                std::shared_ptr<api_door> door);

} // namespace provision
