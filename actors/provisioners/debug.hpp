#pragma once

#include <memory>
#include <string>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/debug_backend.hpp"

namespace provision {

/// Provisions reservations of type debug: the log goes to a redis server, by
/// default to the channel "<node id>-logs".
workload_functions debug_functions(std::shared_ptr<debug_backend> backend,
                                   std::string node_id);

} // namespace provision
