#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/error.hpp"

namespace provision {

/// What a container uses at one moment, as its owner is told.
struct usage_sample {
  /// Bytes; the last are pages of files that the kernel keeps for it.
  std::uint64_t memory = 0;
  std::uint64_t memory_max = 0;
  std::uint64_t memory_of_files = 0;
  /// Of all processors since its group was made, nanoseconds.
  std::uint64_t cpu_ns = 0;
  /// Processes and threads.
  std::uint64_t tasks = 0;

  bool operator==(const usage_sample&) const = default;
};

/// By control groups of either version, given as folders, one per hierarchy.
/// errc::backend_failure if a figure is missing: the container does not run.
expected<usage_sample> sample_groups(const std::vector<std::string>& groups);

/// The JSON document that the original publishes: "timestamp" (seconds since
/// 1970), "memory_usage", "memory_limit", "memory_cache" (bytes), "cpu_usage"
/// (nanoseconds), "pids_current".
std::string document_of(const usage_sample& sample, std::int64_t unix_seconds);

} // namespace provision
