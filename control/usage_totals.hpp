#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "control/usage_meter.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// What the host says of all workloads of one type.
struct usage_total {
  std::uint64_t measured = 0;
  /// Those that could not be measured.
  std::uint64_t failed = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;
};

struct usage_totals {
  /// When the last of them was measured; the zero time: not yet.
  timestamp measured_at = {};
  /// By type, such as "volume": all that can be measured.
  std::map<std::string, usage_total> types = {};

  void add(const measured_workload& one);
};

/// Where the meter leaves them for those who show them. Thread-safe.
class usage_board {
public:
  explicit usage_board(usage_totals first) : totals_{std::move(first)} {}

  void write(usage_totals totals) {
    const std::lock_guard lock{mutex_};
    totals_ = std::move(totals);
  }
  usage_totals read() const {
    const std::lock_guard lock{mutex_};
    return totals_;
  }

private:
  mutable std::mutex mutex_;
  usage_totals totals_;
};

} // namespace provision
