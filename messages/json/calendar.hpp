#pragma once

#include <cstdint>

namespace provision::json {

/// A day and time of day, UTC, in the proleptic Gregorian calendar.
struct civil_time {
  std::int64_t year = 0;
  std::int64_t month = 1;
  std::int64_t day = 1;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
  std::int64_t second = 0;
};

/// Seconds since 1970. Fields beyond their range roll over into the next one:
/// month 13 is January of the next year.
std::int64_t to_unix(const civil_time& when) noexcept;

/// The reverse, over the whole range of seconds.
civil_time to_civil(std::int64_t seconds) noexcept;

/// Days of a month, 1 to 12, of a year.
int days_in_month(std::int64_t year, std::int64_t month) noexcept;

} // namespace provision::json
