#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <limits>

namespace provision {

/// A point in time with nanoseconds, UTC, over the whole range that the wire
/// can carry (years 1 to 9999 and beyond, wider than std::chrono::nanoseconds).
struct timestamp {
  /// Seconds since 1970-01-01T00:00:00Z.
  std::int64_t seconds = zero_seconds;
  /// 0 to 999 999 999.
  std::int32_t nanoseconds = 0;

  /// Year 1, the original's "no time"; distinct from the Unix epoch.
  static constexpr std::int64_t zero_seconds = -62135596800;

  bool is_zero() const noexcept {
    return seconds == zero_seconds && nanoseconds == 0;
  }
  bool is_unix_epoch() const noexcept {
    return seconds == 0 && nanoseconds == 0;
  }
  auto operator<=>(const timestamp&) const = default;
};

constexpr timestamp from_unix(std::int64_t seconds) noexcept {
  return {seconds, 0};
}

/// Never: later than any deadline.
inline constexpr timestamp end_of_time{std::numeric_limits<std::int64_t>::max(),
                                       0};

/// `at` + `span`; `end_of_time` instead of an overflow.
timestamp saturating_add(timestamp at, std::chrono::nanoseconds span) noexcept;

/// `later` - `earlier`, limited to the range of nanoseconds.
std::chrono::nanoseconds difference(timestamp later,
                                    timestamp earlier) noexcept;

/// Where actors and adapters get the wall clock from.
class wall_clock {
public:
  virtual ~wall_clock() = default;
  virtual timestamp now() const = 0;
};

/// The machine's clock. Only daemon/, bench/ and main programs create one.
class system_clock final : public wall_clock {
public:
  timestamp now() const override;
};

} // namespace provision
