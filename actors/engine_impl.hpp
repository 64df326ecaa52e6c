#pragma once

#include <cstdint>
#include <string>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"

namespace provision {

/// The engine with what it tells itself: that a pause is over (of the store,
/// of one reservation), that a call's deadline or a type's probe is due.
using engine_impl = engine_actor::extend<
  caf::reacts_to<atom::retry>, caf::reacts_to<atom::retry, std::string>,
  caf::reacts_to<atom::deadline, std::uint64_t>,
  caf::reacts_to<atom::probe, std::string, std::uint64_t>>;

} // namespace provision
