#include "identity/http_signature.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "messages/base64.hpp"

namespace provision {

namespace {

constexpr std::int64_t year_10000_seconds = 253402300800;

constexpr std::array<const char*, 7> weekdays{"Sun", "Mon", "Tue", "Wed",
                                              "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr",
                                             "May", "Jun", "Jul", "Aug",
                                             "Sep", "Oct", "Nov", "Dec"};

/// What Go's client sends, by mistake, for a number of seconds printed as a
/// quoted character: U+FFFD between single quotes. Nobody reads it.
constexpr std::string_view expires = "'\xEF\xBF\xBD'";

} // namespace

expected<std::string> format_http_date(timestamp at) {
  if (at.seconds < timestamp::zero_seconds || at.seconds >= year_10000_seconds)
    return fail(errc::malformed_input, "date beyond the years 1 to 9999");
  using namespace std::chrono;
  sys_seconds time{seconds{at.seconds}};
  auto midnight = floor<days>(time);
  year_month_day date{midnight};
  hh_mm_ss clock{time - midnight};
  std::array<char, 64> text;
  std::snprintf(
    text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
    weekdays[weekday{midnight}.c_encoding()], static_cast<unsigned>(date.day()),
    months[static_cast<unsigned>(date.month()) - 1],
    static_cast<int>(date.year()), static_cast<int>(clock.hours().count()),
    static_cast<int>(clock.minutes().count()),
    static_cast<int>(clock.seconds().count()));
  return text.data();
}

expected<timestamp> parse_http_date(std::string_view text) {
  const std::string copy{text.substr(0, 64)};
  std::array<char, 4> name{};
  unsigned day = 0;
  int year = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  auto wrong = [&] {
    return fail(errc::malformed_input, "\"" + copy + "\" is no HTTP date");
  };
  if (std::sscanf(copy.c_str(), "%*3s, %2u %3s %4d %2d:%2d:%2d GMT", &day,
                  name.data(), &year, &hour, &minute, &second)
      != 6)
    return wrong();
  using namespace std::chrono;
  const auto named
    = std::find_if(months.begin(), months.end(), [&](const char* month) {
        return std::string_view{month} == name.data();
      });
  const auto number = static_cast<unsigned>(named - months.begin()) + 1;
  const auto date
    = std::chrono::year{year} / month{number} / std::chrono::day{day};
  if (!date.ok())
    return wrong();
  const sys_seconds time
    = sys_days{date} + hours{hour} + minutes{minute} + seconds{second};
  const auto at = from_unix(time.time_since_epoch().count());
  // One form only: the weekday, the spaces and the ranges are right, too.
  const auto again = format_http_date(at);
  return again && *again == text ? expected<timestamp>{at} : wrong();
}

expected<http_headers> sign_http_request(std::string_view identity,
                                         const signer& key, timestamp at) {
  auto date = format_http_date(at);
  if (!date)
    return fail(date.error());
  std::string name{identity};
  auto created = std::to_string(at.seconds);
  auto signature = key.sign("(created): " + created + "\ndate: " + *date
                            + "\nthreebot-id: " + name);
  if (!signature)
    return fail(signature.error());
  auto authorization = "Signature keyId=\"" + name
                       + "\",algorithm=\"ed25519\",created=\"" + created
                       + "\",expires=\"";
  authorization += expires;
  authorization += "\",headers=\"(created) date threebot-id\",signature=\""
                   + base64::encode(*signature) + "\"";
  return http_headers{{"Authorization", std::move(authorization)},
                      {"Date", *std::move(date)},
                      {"Threebot-Id", std::move(name)}};
}

} // namespace provision
