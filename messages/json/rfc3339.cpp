#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "messages/json/calendar.hpp"
#include "messages/json/json.hpp"

namespace provision::json {

namespace {

void append_padded(std::string& out, std::int64_t number, std::size_t width) {
  auto digits = std::to_string(number);
  if (digits.size() < width)
    out.append(width - digits.size(), '0');
  out += digits;
}

/// Steps through fixed-width fields; stays false after the first mismatch.
class field_reader {
public:
  explicit field_reader(std::string_view text) : rest_{text} {}

  field_reader& number(std::int64_t& value, std::size_t width) {
    value = 0;
    for (std::size_t i = 0; i < width; ++i) {
      if (!good_ || rest_.empty() || rest_[0] < '0' || rest_[0] > '9') {
        good_ = false;
        return *this;
      }
      value = value * 10 + (rest_[0] - '0');
      rest_.remove_prefix(1);
    }
    return *this;
  }

  field_reader& mark(char c) {
    if (!take(c))
      good_ = false;
    return *this;
  }

  bool take(char c) {
    if (!good_ || rest_.empty() || rest_[0] != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// Digits after the point as nanoseconds; those beyond the ninth are cut.
  void fraction(std::int32_t& nanoseconds) {
    auto digits = rest_.substr(0, rest_.find_first_not_of("0123456789"));
    good_ = good_ && !digits.empty();
    rest_.remove_prefix(digits.size());
    for (std::size_t i = 0; i < 9; ++i)
      nanoseconds
        = nanoseconds * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }

  bool at_end() const noexcept { return good_ && rest_.empty(); }

private:
  std::string_view rest_;
  bool good_ = true;
};

bool in_range(const civil_time& when) noexcept {
  return when.month >= 1 && when.month <= 12 && when.day >= 1
         && when.day <= days_in_month(when.year, when.month) && when.hour <= 23
         && when.minute <= 59 && when.second <= 59;
}

/// "Z" or "+hh:mm"; yields seconds to subtract.
bool read_zone(field_reader& in, std::int64_t& offset) {
  if (in.take('Z'))
    return true;
  auto west = in.take('-');
  if (!west && !in.take('+'))
    return false;
  std::int64_t hours = 0;
  std::int64_t minutes = 0;
  in.number(hours, 2).mark(':').number(minutes, 2);
  offset = (hours * 60 + minutes) * 60 * (west ? -1 : 1);
  return hours <= 23 && minutes <= 59;
}

} // namespace

std::string format_rfc3339(timestamp t) {
  auto when = to_civil(t.seconds);
  std::string out;
  out.reserve(32);
  if (when.year < 0)
    out += '-';
  append_padded(out, when.year < 0 ? -when.year : when.year, 4);
  const std::array<std::pair<char, std::int64_t>, 5> rest{{{'-', when.month},
                                                           {'-', when.day},
                                                           {'T', when.hour},
                                                           {':', when.minute},
                                                           {':', when.second}}};
  for (const auto& [mark, number] : rest) {
    out += mark;
    append_padded(out, number, 2);
  }
  if (t.nanoseconds != 0) {
    out += '.';
    append_padded(out, t.nanoseconds, 9);
    out.erase(out.find_last_not_of('0') + 1);
  }
  out += 'Z';
  return out;
}

expected<timestamp> parse_rfc3339(std::string_view text) {
  field_reader in{text};
  civil_time when;
  in.number(when.year, 4).mark('-').number(when.month, 2).mark('-');
  in.number(when.day, 2).mark('T').number(when.hour, 2).mark(':');
  in.number(when.minute, 2).mark(':').number(when.second, 2);
  timestamp t;
  if (in.take('.'))
    in.fraction(t.nanoseconds);
  std::int64_t offset = 0;
  if (!read_zone(in, offset) || !in.at_end() || !in_range(when))
    return fail(errc::malformed_input,
                "invalid time '" + std::string{text.substr(0, 64)} + "'");
  t.seconds = to_unix(when) - offset;
  return t;
}

} // namespace provision::json
