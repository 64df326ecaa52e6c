#include "messages/json/date.hpp"

#include <cctype>
#include <cstddef>
#include <optional>
#include <string>

#include "messages/json/calendar.hpp"

namespace provision::json {

namespace {

/// A row of digits.
struct digits {
  std::int64_t number = 0;
  std::size_t count = 0;
};

/// Steps through the text; every method takes what it finds.
class date_text {
public:
  explicit date_text(std::string_view text) : rest_{text} {}

  std::optional<digits> take_digits(std::size_t at_least, std::size_t at_most) {
    digits found;
    while (found.count < at_most && !rest_.empty()
           && std::isdigit(static_cast<unsigned char>(rest_[0])) != 0) {
      found.number = found.number * 10 + (rest_[0] - '0');
      ++found.count;
      rest_.remove_prefix(1);
    }
    if (found.count < at_least)
      return std::nullopt;
    return found;
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool take_blanks() {
    auto size = rest_.find_first_not_of(" \t\n\v\f\r");
    if (size == 0 || rest_.empty())
      return false;
    rest_.remove_prefix(size == rest_.npos ? rest_.size() : size);
    return true;
  }

  bool at_end() const noexcept { return rest_.empty(); }

private:
  std::string_view rest_;
};

/// "H[am|pm]:M". As in the original, pm adds 12 hours even to 12, and am
/// leaves 12 alone.
bool read_time_of_day(date_text& in, civil_time& when) {
  auto hour = in.take_digits(1, 2);
  if (!hour)
    return false;
  when.hour = hour->number;
  if (in.take("pm"))
    when.hour += 12;
  else
    in.take("am");
  if (!in.take(":"))
    return false;
  auto minute = in.take_digits(1, 2);
  if (!minute)
    return false;
  when.minute = minute->number;
  return true;
}

tl::unexpected<error> invalid(std::string_view text) {
  return fail(errc::malformed_input,
              "invalid date string '" + std::string{text} + "'");
}

} // namespace

expected<timestamp> parse_date(std::string_view text) {
  if (text.empty())
    return timestamp{};
  date_text in{text};
  auto first = in.take_digits(2, 4);
  if (!first || !in.take("/"))
    return invalid(text);
  auto month = in.take_digits(2, 2);
  if (!month)
    return invalid(text);
  if (!in.take("/"))
    return fail(errc::malformed_input, "invalid date string '"
                                         + std::string{text}
                                         + "': it names no year");
  auto last = in.take_digits(2, 4);
  if (!last)
    return invalid(text);
  if (first->count == 4 && last->count == 4)
    return fail(errc::malformed_input,
                "invalid date format ambiguous year: " + std::string{text});
  auto year_is_last = last->count == 4;
  civil_time when;
  when.year = year_is_last ? last->number : first->number;
  when.month = month->number;
  when.day = year_is_last ? first->number : last->number;
  if (when.year < 100)
    when.year += 2000;
  if (in.take_blanks() && !read_time_of_day(in, when))
    return invalid(text);
  if (!in.at_end())
    return invalid(text);
  return from_unix(to_unix(when));
}

} // namespace provision::json
