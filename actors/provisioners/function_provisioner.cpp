#include "actors/provisioners/function_provisioner.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <exception>

#include "actors/caf_error.hpp"

namespace provision {

namespace {

/// Runs a user's function; whatever it throws becomes an error, because an
/// exception would end the actor.
template <class Function>
auto guarded(errc code, Function run) -> decltype(run()) {
  try {
    return run();
  } catch (const std::exception& e) {
    return to_caf({code, e.what()});
  } catch (...) {
    return to_caf({code, "threw something that is no std::exception"});
  }
}

} // namespace

provisioner_actor::behavior_type function_provisioner(
  provisioner_actor::stateful_pointer<function_provisioner_state> self,
  workload_functions functions) {
  self->state.functions = std::move(functions);
  return {
    [=](provision_workload& request) {
      return guarded(
        errc::provision_failed, [&]() -> caf::result<provisioned_workload> {
          auto data = self->state.functions.provision(*request.what);
          if (!data)
            return to_caf(data.error());
          return provisioned_workload{std::move(*data)};
        });
    },
    [=](decommission_workload& request) {
      return guarded(errc::decommission_failed, [&]() -> caf::result<done> {
        if (!self->state.functions.decommission)
          return to_caf({errc::type_not_offered, "has no decommissioner"});
        if (auto failure = self->state.functions.decommission(*request.what))
          return to_caf(failure);
        return done{};
      });
    },
    [](probe_provisioner) -> caf::result<done> { return done{}; }};
}

} // namespace provision
