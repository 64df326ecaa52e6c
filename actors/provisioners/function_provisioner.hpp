#pragma once

#include <functional>
#include <string>

#include "actors/interfaces.hpp"
#include "messages/error.hpp"
#include "messages/reservation.hpp"

namespace provision {

/// The original's ProvisionerFunc: makes the workload exist and returns the
/// result's data, compact JSON ("null" if there is none). May be called again
/// for a workload that exists already, also after a crash; may block; may
/// throw: that is the reservation's error.
using provisioner_func
  = std::function<expected<std::string>(const reservation&)>;

/// The original's DecomissionerFunc: makes the workload not exist. May be
/// called for one that is gone already.
using decommissioner_func = std::function<error(const reservation&)>;

/// Both functions of one type.
struct workload_functions {
  provisioner_func provision = {};
  decommissioner_func decommission = {};
  /// Whether both return at once: then they run on the engine's own thread.
  /// Whoever waits for anything, a disk too, keeps a thread to himself.
  bool return_at_once = false;
};

struct function_provisioner_state {
  static inline const char* name = "provisioner";

  workload_functions functions = {};
};

/// Wraps plain functions into an actor. Spawn it detached unless they return at
/// once.
provisioner_actor::behavior_type function_provisioner(
  provisioner_actor::stateful_pointer<function_provisioner_state> self,
  workload_functions functions);

} // namespace provision
