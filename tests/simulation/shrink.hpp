#pragma once

#include "tests/simulation/defects.hpp"
#include "tests/simulation/faults.hpp"
#include "tests/simulation/world.hpp"

namespace provision::simulation {

struct shrunk {
  plan what = {};
  /// With its whole trace.
  outcome run = {};
};

/// A shorter run that breaks the same promise: fewer faults, fewer
/// reservations, fewer steps.
shrunk shrink(plan what, const outcome& run, const defect& planted);

} // namespace provision::simulation
