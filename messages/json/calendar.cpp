#include "messages/json/calendar.hpp"

namespace provision::json {

namespace {

constexpr std::int64_t seconds_per_day = 86400;
constexpr std::int64_t days_per_era = 146097;
/// Days from 1 March of year 0 to 1 January 1970.
constexpr std::int64_t epoch_day = 719468;

struct quotient {
  std::int64_t whole = 0;
  std::int64_t rest = 0;
};

/// Division that rounds towards minus infinity.
constexpr quotient divide(std::int64_t number, std::int64_t by) noexcept {
  auto whole = number / by;
  auto rest = number % by;
  if (rest < 0)
    return {whole - 1, rest + by};
  return {whole, rest};
}

/// Days since 1970 of the first of a month. Counts years from March, so that
/// the leap day is the last of its year.
constexpr std::int64_t first_day(std::int64_t year,
                                 std::int64_t month) noexcept {
  auto [march_year, march_month] = divide(year * 12 + month - 3, 12);
  auto [era, year_of_era] = divide(march_year, 400);
  auto day_of_year = (153 * march_month + 2) / 5;
  auto day_of_era
    = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * days_per_era + day_of_era - epoch_day;
}

} // namespace

std::int64_t to_unix(const civil_time& when) noexcept {
  auto days = first_day(when.year, when.month) + when.day - 1;
  return days * seconds_per_day + when.hour * 3600 + when.minute * 60
         + when.second;
}

civil_time to_civil(std::int64_t seconds) noexcept {
  auto [days, second_of_day] = divide(seconds, seconds_per_day);
  auto [era, day_of_era] = divide(days + epoch_day, days_per_era);
  auto year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524
                      - day_of_era / 146096)
                     / 365;
  auto day_of_year
    = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  auto march_month = (5 * day_of_year + 2) / 153;
  civil_time when;
  when.day = day_of_year - (153 * march_month + 2) / 5 + 1;
  when.month = march_month < 10 ? march_month + 3 : march_month - 9;
  when.year = era * 400 + year_of_era + (when.month <= 2 ? 1 : 0);
  when.hour = second_of_day / 3600;
  when.minute = second_of_day / 60 % 60;
  when.second = second_of_day % 60;
  return when;
}

int days_in_month(std::int64_t year, std::int64_t month) noexcept {
  return static_cast<int>(first_day(year, month + 1) - first_day(year, month));
}

} // namespace provision::json
