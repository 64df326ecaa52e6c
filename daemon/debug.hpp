#pragma once

#include "actors/engine.hpp"
#include "messages/error.hpp"

namespace provision {

/// Adds the type debug, and takes up those that the store says are live:
/// nothing of them outlives the daemon. `options` has its store.
error add_debug(engine_options& options);

} // namespace provision
