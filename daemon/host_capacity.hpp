#pragma once

#include <cstdint>
#include <string>

#include "actors/statser.hpp"
#include "config/node_config.hpp"
#include "messages/error.hpp"
#include "messages/workloads/enums.hpp"

namespace provision {

/// The original's rule: all of the memory (bytes), rounded up to a GiB because
/// the kernel keeps some from it for itself, less `reserved`. Containers and
/// machines are refused when what is in use and what they ask are more.
std::uint64_t memory_to_lend(std::uint64_t total, std::uint64_t reserved);

/// What the node may lend out: the configured amounts, and what the host has
/// where none is configured. Memory less the part that is kept for the
/// system, which is also what the reported numbers carry on top. `pool` is the
/// folder whose file system volumes live on; its size counts as HRU or SRU,
/// after the kind of its disk, and the other unit is none.
expected<statser_limits> host_capacity(const config::capacity_settings& wanted,
                                       const std::string& pool,
                                       workloads::disk_type kind);

} // namespace provision
