#include "config/quantity.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>

namespace provision::config {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest last, so that the shortest form is found from the end.
constexpr std::array<unit, 4> duration_units{
  {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}}};

constexpr std::array<unit, 4> size_units{{{"KiB", 1ULL << 10U},
                                          {"MiB", 1ULL << 20U},
                                          {"GiB", 1ULL << 30U},
                                          {"TiB", 1ULL << 40U}}};

/// Digits directly followed by one of the units, at most `limit` in the
/// smallest unit.
expected<std::uint64_t> parse_quantity(std::string_view text,
                                       std::span<const unit> units,
                                       std::uint64_t limit) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  auto [rest, code] = std::from_chars(text.data(), end, number);
  if (code == std::errc::result_out_of_range)
    return fail(errc::invalid_configuration, "the number is too large");
  if (code != std::errc{})
    return fail(errc::invalid_configuration, "it does not start with a number");
  const std::string_view name{rest, static_cast<std::size_t>(end - rest)};
  if (name.empty())
    return fail(errc::invalid_configuration, "it has no unit");
  for (const auto& u : units) {
    if (u.name != name)
      continue;
    if (number > limit / u.factor)
      return fail(errc::invalid_configuration, "the number is too large");
    return number * u.factor;
  }
  return fail(errc::invalid_configuration, "its unit is not known");
}

std::string format_quantity(std::uint64_t number, std::span<const unit> units) {
  for (std::size_t i = units.size(); i-- > 0;)
    if (number % units[i].factor == 0)
      return std::to_string(number / units[i].factor).append(units[i].name);
  return {};
}

} // namespace

expected<std::chrono::milliseconds> parse_duration(std::string_view text) {
  constexpr auto limit = std::numeric_limits<std::int64_t>::max();
  return parse_quantity(text, duration_units, limit)
    .map([](std::uint64_t count) {
      return std::chrono::milliseconds{static_cast<std::int64_t>(count)};
    });
}

std::string format_duration(std::chrono::milliseconds span) {
  if (span.count() <= 0)
    return span.count() == 0 ? "0s" : std::to_string(span.count()) + "ms";
  return format_quantity(static_cast<std::uint64_t>(span.count()),
                         duration_units);
}

expected<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, size_units,
                        std::numeric_limits<std::uint64_t>::max());
}

std::string format_size(std::uint64_t bytes) {
  if (bytes == 0)
    return "0GiB";
  auto text = format_quantity(bytes, size_units);
  return text.empty() ? std::to_string(bytes) + " bytes" : text;
}

} // namespace provision::config
