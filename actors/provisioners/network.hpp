#pragma once

#include <memory>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/network_backend.hpp"

namespace provision {

/// Provisions reservations of the types network and network_resource on
/// `backend`. A network that several reservations ask for is as the latest
/// wants it, and goes with the last of them.
workload_functions network_functions(std::shared_ptr<network_backend> backend);

} // namespace provision
