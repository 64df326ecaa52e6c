#pragma once

#include <memory>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/gateway_backend.hpp"

namespace provision {

/// Provisions reservations of the types proxy, subdomain and domain_delegate.
/// Like the original's gateway it has nothing to tell their owners: the
/// result's data is null.
workload_functions gateway_functions(std::shared_ptr<gateway_backend> backend);

} // namespace provision
