#pragma once

#include <cstdint>

#include "messages/workloads/enums.hpp"

namespace provision::workloads {

/// A file system of a limited size.
struct volume {
  /// GiB; explorer field `size`.
  std::uint64_t size = 0;
  /// Explorer field `type`.
  disk_type type = disk_type::hdd;

  bool operator==(const volume&) const = default;
};

} // namespace provision::workloads
