#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "actors/requests/statser.hpp"
#include "messages/error.hpp"
#include "messages/latency.hpp"
#include "messages/timestamp.hpp"
#include "persistence/record.hpp"

/// What is owed to the explorer.
namespace provision {

/// These rows are durable now and owed to the explorer.
struct send_reports {
  std::vector<outbox_row> rows = {};
};

struct send_numbers {
  current_numbers numbers = {};
};

struct read_feedback_status {};

struct feedback_status {
  /// Rows known to wait, in memory or on disk.
  std::uint64_t waiting = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delivered = 0;
  std::uint64_t parked = 0;
  error last_failure = {};
  /// Since when no report was answered; the zero time if they are.
  timestamp away_since = {};
  /// The latest time at which the explorer is asked again.
  timestamp next_try = {};
  /// Answers that were no acceptance.
  std::uint64_t failures = 0;
  /// From the first try to the acceptance.
  latency deliveries = {};
  /// Since when the oldest report waits, in this process; no time if none does.
  std::chrono::nanoseconds oldest{0};
};

} // namespace provision
