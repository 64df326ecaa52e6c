#pragma once

#include <memory>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/ipv6_gateway_backend.hpp"

namespace provision {

/// Provisions reservations of type gateway4to6.
workload_functions
ipv6_gateway_functions(std::shared_ptr<ipv6_gateway_backend> backend);

} // namespace provision
