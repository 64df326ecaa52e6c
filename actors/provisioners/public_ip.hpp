#pragma once

#include <memory>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/public_ip_backend.hpp"

namespace provision {

/// Provisions reservations of type public_ip on `backend`: the address is kept
/// for the machine whose reservation names it.
workload_functions
public_ip_functions(std::shared_ptr<public_ip_backend> backend);

} // namespace provision
