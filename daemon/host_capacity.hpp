#pragma once

#include <string>

#include "actors/statser.hpp"
#include "config/node_config.hpp"
#include "messages/error.hpp"

namespace provision {

/// What the node may lend out: the configured amounts, and what the host has
/// where none is configured. Memory less the part that is kept for the
/// system, which is also what the reported numbers carry on top. `pool` is the
/// folder whose file system volumes live on; its size counts as SRU.
expected<statser_limits> host_capacity(const config::capacity_settings& wanted,
                                       const std::string& pool);

} // namespace provision
