#include "control/request_target.hpp"

#include <charconv>

namespace provision {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

expected<std::string> unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      plain += text[i];
      continue;
    }
    int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low < 0)
      return fail(errc::malformed_input, "the URL has a broken escape");
    plain += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return plain;
}

/// Cuts `text` at `mark` and hands over each non-empty part.
template <class Use>
error each_part(std::string_view text, char mark, Use use) {
  while (!text.empty()) {
    auto part = text.substr(0, text.find(mark));
    text.remove_prefix(std::min(part.size() + 1, text.size()));
    if (!part.empty())
      if (auto failure = use(part))
        return failure;
  }
  return {};
}

} // namespace

std::string_view request_target::of(std::string_view name) const {
  auto found = query.find(name);
  return found == query.end() ? std::string_view{} : found->second;
}

expected<std::uint64_t> request_target::number(std::string_view name,
                                               std::uint64_t otherwise,
                                               std::uint64_t max) const {
  auto text = of(name);
  if (text.empty())
    return otherwise;
  std::uint64_t value = 0;
  auto [end, wrong]
    = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size() || value > max)
    return fail(errc::malformed_input, std::string{name}
                                         + ": not a number from 0 to "
                                         + std::to_string(max));
  return value;
}

expected<request_target> parse_request_target(std::string_view text) {
  request_target target;
  if (!text.starts_with('/'))
    return fail(errc::malformed_input, "the URL's path has no slash");
  auto path = text.substr(0, text.find('?'));
  auto query = text.substr(std::min(path.size() + 1, text.size()));
  auto failure = each_part(path, '/', [&target](std::string_view part) {
    auto plain = unescape(part);
    if (plain)
      target.path.push_back(std::move(*plain));
    return plain ? error{} : plain.error();
  });
  if (!failure)
    failure = each_part(query, '&', [&target](std::string_view part) {
      auto cut = part.find('=');
      auto name = unescape(part.substr(0, cut));
      auto value
        = unescape(cut == std::string_view::npos ? "" : part.substr(cut + 1));
      if (!name || !value)
        return name ? value.error() : name.error();
      target.query.insert_or_assign(std::move(*name), std::move(*value));
      return error{};
    });
  if (failure)
    return fail(std::move(failure));
  return target;
}

} // namespace provision
