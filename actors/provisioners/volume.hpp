#pragma once

#include <memory>

#include "actors/provisioners/function_provisioner.hpp"
#include "backends/volume_backend.hpp"

namespace provision {

/// Provisions reservations of type volume on `backend`, which this pair of
/// functions shares: they are called one at a time.
workload_functions volume_functions(std::shared_ptr<volume_backend> backend);

} // namespace provision
