#pragma once

#include "actors/provisioners/function_provisioner.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// The worker's side: serves one type to the daemon at the other end of
/// `socket`, a connected stream that it owns from now on, one call after the
/// other. Ends the process when the daemon is gone, whatever is at work then.
[[noreturn]] void serve_as_worker(int socket, const reservation_type& type,
                                  workload_functions functions);

} // namespace provision
