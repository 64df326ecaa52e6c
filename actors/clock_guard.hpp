#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "config/node_config.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// Whether the wall clock may be believed. A clock that jumps must not end
/// workloads: real-time clocks start in 1970, and a wrong server can move a
/// node by years. Compares the wall clock with the monotonic one, and after a
/// start with the time that the node saw last. Thread-safe.
///
/// Distrust ends when the wall clock comes back to where it should be, when it
/// ran evenly for the settling time, or when somebody confirms it.
class clock_guard {
public:
  using moment = std::chrono::steady_clock::time_point;

  explicit clock_guard(config::clock_settings settings) : settings_{settings} {}

  /// Once, before the first look: the time that the node saw last, if known.
  void remember(std::optional<timestamp> last_seen);

  /// Looks at both clocks; true if the wall clock is trusted.
  bool look(timestamp wall, moment now);

  /// An operator says that the wall clock is right as it is.
  void confirm();

  /// Why the clock is not trusted; no error if it is.
  error distrust() const;

private:
  void doubt(std::string why, timestamp expected, timestamp wall, moment now);

  const config::clock_settings settings_;
  mutable std::mutex guard_ = {};
  std::optional<timestamp> last_seen_ = {};
  /// Where both clocks were at the last look.
  std::optional<timestamp> wall_ = {};
  moment steady_ = {};
  /// Where the wall clock should be at `steady_`, while it is not trusted.
  timestamp expected_ = {};
  moment doubted_since_ = {};
  error distrust_ = {};
};

} // namespace provision
