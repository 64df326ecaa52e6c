#pragma once

#include <string>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/worker_process.hpp"
#include "config/node_config.hpp"

namespace provision {

/// Whether `type` is served by a worker process.
bool is_isolated(const config::node_config& settings,
                 const reservation_type& type);

/// Starts this program as a worker for `type`, with these settings.
worker_launcher own_worker(const config::node_config& settings,
                           const reservation_type& type);

/// What a worker for `type` does. errc::type_not_offered for a type that no
/// worker serves; else what the back-end says.
expected<workload_functions>
worker_functions(const config::node_config& settings,
                 const reservation_type& type);

} // namespace provision
