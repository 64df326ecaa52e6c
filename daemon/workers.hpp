#pragma once

#include <memory>
#include <string>

#include "actors/engine.hpp"
#include "actors/workers/worker_service.hpp"
#include "backends/worker_process.hpp"
#include "config/node_config.hpp"
#include "daemon/node.hpp"
#include "daemon/workload_site.hpp"

namespace provision {

/// What a worker of this host is told. It has the daemon's rights anyway.
worker_counsel counsel_of_own(const workload_site& site);

/// What a worker elsewhere is told: what is sealed in the reservation that it
/// was handed, and nothing else.
worker_counsel counsel_of_remote(const workload_site& site);

/// Starts this program as a worker for `type`, with these settings.
worker_launcher own_worker(const config::node_config& settings,
                           const reservation_type& type);

/// Hands the types that are to have a worker over to one, on this host or on
/// another, after all parts and inventories were added.
/// errc::invalid_configuration for files that do not serve.
error place_workers(engine_options& options, node_summary& summary,
                    workload_site& site, const config::node_config& settings);

/// What a worker for `type` does for node `node_id`. errc::host_unavailable if
/// this host cannot; else what its parts say.
expected<worker_duties>
make_worker_duties(const config::node_config& settings,
                   const reservation_type& type, const std::string& node_id,
                   const std::shared_ptr<daemon_line>& daemon);

} // namespace provision
