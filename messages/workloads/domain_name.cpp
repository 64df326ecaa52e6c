#include "messages/workloads/domain_name.hpp"

#include <algorithm>

namespace provision::workloads {

namespace {

constexpr std::size_t name_size_max = 253;
constexpr std::size_t label_size_max = 63;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || is_digit(c);
}

bool is_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= label_size_max
         && is_letter_or_digit(label.front())
         && is_letter_or_digit(label.back())
         && std::ranges::all_of(
           label, [](char c) { return c == '-' || is_letter_or_digit(c); });
}

tl::unexpected<error> refuse(const char* why) {
  return fail(errc::invalid_reservation,
              std::string{"is no domain name: "} + why);
}

} // namespace

expected<std::string> parse_domain(std::string_view text) {
  std::string name{text};
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  if (name.size() > name_size_max)
    return refuse("it has more than 253 bytes");
  std::string_view rest = name;
  std::string_view label;
  int labels = 0;
  for (bool is_last = false; !is_last; ++labels) {
    const auto dot = rest.find('.');
    is_last = dot == rest.npos;
    label = rest.substr(0, dot);
    if (!is_label(label))
      return refuse("its parts are 1 to 63 letters, digits and inner hyphens");
    if (!is_last)
      rest.remove_prefix(dot + 1);
  }
  if (labels < 2)
    return refuse("it has only one part");
  // Else an address would be one.
  if (std::ranges::all_of(label, is_digit))
    return refuse("its last part is a number");
  return name;
}

bool is_in_domain(std::string_view name, std::string_view domain) noexcept {
  if (!name.ends_with(domain))
    return false;
  name.remove_suffix(domain.size());
  return name.empty() || name.back() == '.';
}

} // namespace provision::workloads
