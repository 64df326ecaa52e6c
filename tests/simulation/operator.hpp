#pragma once

#include <functional>

#include <caf/event_based_actor.hpp>

#include "actors/interfaces.hpp"

namespace provision::simulation {

/// Whom an operator tells what he does.
struct operator_conduct {
  /// Before and after he confirms the deletions that are held.
  std::function<void()> on_confirm = [] {};
  std::function<void()> on_confirmed = [] {};
};

/// Looks at the node now and then and confirms the deletions that it holds.
caf::behavior sim_operator(caf::event_based_actor* self, engine_actor engine,
                           operator_conduct conduct);

} // namespace provision::simulation
