#include "messages/timestamp.hpp"

namespace provision {

namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

} // namespace

timestamp saturating_add(timestamp at, std::chrono::nanoseconds span) noexcept {
  auto whole = span.count() / nanoseconds_per_second;
  auto rest = span.count() % nanoseconds_per_second + at.nanoseconds;
  if (rest < 0) {
    --whole;
    rest += nanoseconds_per_second;
  } else if (rest >= nanoseconds_per_second) {
    ++whole;
    rest -= nanoseconds_per_second;
  }
  std::int64_t seconds = 0;
  if (__builtin_add_overflow(at.seconds, whole, &seconds))
    return whole > 0 ? end_of_time
                     : timestamp{std::numeric_limits<std::int64_t>::min(), 0};
  return {seconds, static_cast<std::int32_t>(rest)};
}

std::chrono::nanoseconds difference(timestamp later,
                                    timestamp earlier) noexcept {
  std::int64_t seconds = 0;
  std::int64_t whole = 0;
  auto limit = later > earlier ? std::chrono::nanoseconds::max()
                               : std::chrono::nanoseconds::min();
  if (__builtin_sub_overflow(later.seconds, earlier.seconds, &seconds))
    return limit;
  auto rest
    = static_cast<std::int64_t>(later.nanoseconds) - earlier.nanoseconds;
  // Both parts with one sign, so that only a true overflow is seen as one.
  if (seconds < 0 && rest > 0) {
    ++seconds;
    rest -= nanoseconds_per_second;
  }
  if (__builtin_mul_overflow(seconds, nanoseconds_per_second, &whole)
      || __builtin_add_overflow(whole, rest, &whole))
    return limit;
  return std::chrono::nanoseconds{whole};
}

timestamp system_clock::now() const {
  auto since = std::chrono::system_clock::now().time_since_epoch();
  return saturating_add(
    from_unix(0), std::chrono::duration_cast<std::chrono::nanoseconds>(since));
}

} // namespace provision
