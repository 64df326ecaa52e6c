#pragma once

#include <cstdint>
#include <optional>

namespace provision {

/// What a workload uses now, as the host tells; what it does not tell is
/// missing.
struct workload_usage {
  std::optional<std::uint64_t> memory_bytes = {};
  /// Processor time since it was started, microseconds.
  std::optional<std::uint64_t> cpu_us = {};
  std::optional<std::uint64_t> disk_bytes = {};
  /// What it may use of the disk, where something enforces that.
  std::optional<std::uint64_t> disk_bytes_max = {};
  /// By its network since it was attached.
  std::optional<std::uint64_t> received_bytes = {};
  std::optional<std::uint64_t> sent_bytes = {};

  bool operator==(const workload_usage&) const = default;
};

} // namespace provision
