#pragma once

#include <functional>
#include <memory>

#include "actors/orphan.hpp"
#include "actors/provisioners/function_provisioner.hpp"
#include "actors/workers/daemon_line.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// What a worker does for its type.
struct worker_duties {
  workload_functions functions = {};
  /// What it holds, for a daemon that cannot look itself; may be empty.
  inventory holdings = {};
};

/// Makes the back-end of workloads of node `node_id`; whoever needs more than
/// is in his hands asks by `daemon`, once he works.
using worker_maker = std::function<expected<worker_duties>(
  const std::string& node_id, const std::shared_ptr<daemon_line>& daemon)>;

/// The worker's side: serves one type to the daemon at the other end of
/// `socket`, a connected stream that it owns from now on, one call after the
/// other. Ends the process when the daemon is gone, whatever is at work then;
/// and, after having said why, if nothing can be made.
[[noreturn]] void serve_as_worker(int socket, const reservation_type& type,
                                  const worker_maker& make);

} // namespace provision
