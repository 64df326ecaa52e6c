#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "actors/told_time.hpp"
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
///
/// The explorer's clock is a second opinion. While it differs, the wall clock
/// is not trusted, however evenly it runs; once it agrees, distrust ends at
/// once. It never replaces the wall clock: nothing expires by it alone. While
/// it says nothing, everything is as without it, but for a minute of waiting
/// for its first word after the node was off for more than an hour.
class clock_guard {
public:
  using moment = std::chrono::steady_clock::time_point;

  /// `opinion` may be null.
  explicit clock_guard(config::clock_settings settings,
                       std::shared_ptr<const told_time> opinion = {})
    : settings_{settings}, opinion_{std::move(opinion)} {}

  /// Before the first look: the time that the node saw last, if known. Until
  /// then nothing is believed, whoever looks first.
  void remember(std::optional<timestamp> last_seen);

  /// Looks at both clocks; true if the wall clock is trusted.
  bool look(timestamp wall, moment now);

  /// What the next start should know the time by: the wall clock's at the last
  /// look, or where it should have been while it is not trusted. Nothing
  /// before the first look.
  std::optional<timestamp> likely_time() const;

  /// An operator says that the wall clock is right as it is. That also
  /// overrules the explorer, until either clock moves against the other.
  void confirm();

  /// Why the clock is not trusted; no error if it is.
  error distrust() const;

private:
  enum class verdict : std::uint8_t { none, agrees, differs };

  verdict compare(timestamp wall, moment now);
  void look_alone(timestamp wall, moment now, bool even,
                  std::chrono::nanoseconds passed);
  bool has_recovered(timestamp wall, moment now);
  void await_word(moment now);
  void doubt(std::string why, timestamp expected, timestamp wall, moment now);

  const config::clock_settings settings_;
  const std::shared_ptr<const told_time> opinion_;
  mutable std::mutex guard_ = {};
  bool has_remembered_ = false;
  std::optional<timestamp> last_seen_ = {};
  /// Where both clocks were at the last look.
  std::optional<timestamp> wall_ = {};
  moment steady_ = {};
  /// Where the wall clock should be at `steady_`, while it is not trusted.
  timestamp expected_ = {};
  moment doubted_since_ = {};
  /// Distrusted only until the explorer was heard, or for a while.
  bool awaits_word_ = false;
  /// How far the wall clock was ahead of the explorer's when somebody
  /// confirmed it.
  std::optional<std::chrono::nanoseconds> overruled_ = {};
  error distrust_ = {};
};

} // namespace provision
