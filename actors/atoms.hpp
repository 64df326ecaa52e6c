#pragma once

#include <caf/atom.hpp>

/// Signals without parameters that actors send to themselves.
namespace provision::atom {

using tick = caf::atom_constant<caf::atom("tick")>;
using close = caf::atom_constant<caf::atom("close")>;
using deadline = caf::atom_constant<caf::atom("deadline")>;
using probe = caf::atom_constant<caf::atom("probe")>;
using room = caf::atom_constant<caf::atom("room")>;
using retry = caf::atom_constant<caf::atom("retry")>;

} // namespace provision::atom
