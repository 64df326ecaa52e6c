#include "identity/authorization_header.hpp"

#include <algorithm>
#include <charconv>
#include <system_error>

#include "messages/base64.hpp"

namespace provision::authorization {

namespace {

constexpr std::string_view scheme = "Signature ";

// Character classes of HTTP are ASCII whatever the locale.
bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_name_part(char c) noexcept {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '_';
}

bool is_blank(char c) noexcept {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f';
}

char lower_of(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view skip_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  return text;
}

std::optional<std::int64_t> read_number(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-"))
    text.remove_prefix(1);
  std::int64_t number = 0;
  auto end = text.data() + text.size();
  auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{} || stop != end)
    return std::nullopt;
  return number;
}

std::vector<std::string> split_items(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    auto item = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    if (!item.empty())
      items.push_back(to_lower(item));
  }
  return items;
}

bool is_known_algorithm(std::string_view name) noexcept {
  return name == "rsa-sha1" || name == "rsa-sha256" || name == "hmac-sha256"
         || name == "ed25519";
}

/// Takes one parameter over; a value that makes no sense leaves the earlier.
void set_parameter(parameters& found, std::string_view name,
                   std::string_view value) {
  if (name == "keyId")
    found.key_id = value;
  else if (name == "algorithm" && is_known_algorithm(trim(value)))
    found.algorithm = trim(value);
  else if (name == "headers")
    found.items = split_items(value);
  else if (name == "signature")
    found.signature = base64::decode(value).value_or(found.signature);
  else if (name == "created")
    found.created = read_number(value).value_or(found.created);
  else if (name == "expires")
    found.expires = read_number(value).value_or(found.expires);
}

/// What follows `name="`, if `text` starts with the rest of such a beginning.
std::optional<std::string_view> after_opening(std::string_view text) {
  text = skip_blanks(text);
  if (!text.starts_with('='))
    return std::nullopt;
  text = skip_blanks(text.substr(1));
  if (!text.starts_with('"'))
    return std::nullopt;
  return text.substr(1);
}

/// Every name="value" in `text`, whatever is between; nothing if there is none.
std::optional<parameters> read_parameters(std::string_view text) {
  parameters found;
  bool any = false;
  while (!text.empty()) {
    if (!is_letter(text.front())) {
      text.remove_prefix(1);
      continue;
    }
    auto name_end = std::find_if_not(text.begin(), text.end(), is_name_part);
    auto name
      = text.substr(0, static_cast<std::size_t>(name_end - text.begin()));
    text.remove_prefix(name.size());
    auto value = after_opening(text);
    auto length = value ? value->find('"') : std::string_view::npos;
    if (length == std::string_view::npos)
      continue;
    any = true;
    set_parameter(found, name, value->substr(0, length));
    text = value->substr(length + 1);
  }
  if (!any)
    return std::nullopt;
  return found;
}

} // namespace

std::string to_lower(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return lower_of(c); });
  return lower;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back()))
    text.remove_suffix(1);
  return text;
}

std::optional<parameters> read(std::string_view value) {
  if (!value.starts_with(scheme))
    return std::nullopt;
  return read_parameters(value.substr(scheme.size()));
}

} // namespace provision::authorization
