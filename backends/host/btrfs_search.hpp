#pragma once

#include <cstdint>
#include <vector>

#include "backends/host/folder.hpp"

namespace provision::btrfs {

/// Numbers of the subvolumes directly below one.
expected<std::vector<std::uint64_t>> nested_subvolumes(const folder& place,
                                                       std::uint64_t subvolume);

} // namespace provision::btrfs
