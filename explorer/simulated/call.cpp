#include "explorer/simulated/call.hpp"

#include <algorithm>
#include <charconv>

#include "messages/hex.hpp"

namespace provision::simulated {

namespace {

enum class plus_sign { kept, blank };

std::string decode_percent(std::string_view text, plus_sign plus) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      if (auto byte = hex::decode(text.substr(i + 1, 2))) {
        decoded += *byte;
        i += 2;
        continue;
      }
    }
    bool is_blank = text[i] == '+' && plus == plus_sign::blank;
    decoded += is_blank ? ' ' : text[i];
  }
  return decoded;
}

void read_query(std::string_view text, call& c) {
  while (!text.empty()) {
    auto end = text.find('&');
    auto pair = text.substr(0, end);
    auto equals = pair.find('=');
    auto value
      = equals == pair.npos ? std::string_view{} : pair.substr(equals + 1);
    c.query.emplace_back(
      decode_percent(pair.substr(0, equals), plus_sign::blank),
      decode_percent(value, plus_sign::blank));
    text = end == text.npos ? std::string_view{} : text.substr(end + 1);
  }
}

} // namespace

std::string_view call::parameter(std::string_view name) const noexcept {
  for (const auto& [key, value] : query)
    if (key == name)
      return value;
  return {};
}

call read_call(const http_server_request& request) {
  call c{.request = request};
  std::string_view target = request.target;
  // An absolute URL, as sent to a proxy.
  if (auto scheme = target.find("://");
      !target.starts_with('/') && scheme != target.npos) {
    auto slash = target.find('/', scheme + 3);
    target = slash == target.npos ? "/" : target.substr(slash);
  }
  auto mark = target.find('?');
  c.path = decode_percent(target.substr(0, mark), plus_sign::kept);
  if (mark != target.npos)
    read_query(target.substr(mark + 1), c);
  return c;
}

http_request_head head_of(const http_server_request& request) {
  return {request.method, request.target, request.headers};
}

std::string_view header_of(const http_server_request& request,
                           std::string_view name) noexcept {
  for (const auto& [key, value] : request.headers)
    if (key == name)
      return value;
  return {};
}

std::string clean_path(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t at = 0; at < path.size();) {
    auto end = std::min(path.find('/', at), path.size());
    auto part = path.substr(at, end - at);
    if (part == "..") {
      if (!parts.empty())
        parts.pop_back();
    } else if (!part.empty() && part != ".") {
      parts.push_back(part);
    }
    at = end + 1;
  }
  std::string cleaned;
  for (auto part : parts)
    cleaned.append("/").append(part);
  if (cleaned.empty() || path.ends_with('/'))
    cleaned += '/';
  return cleaned;
}

expected<std::int64_t> parse_integer(std::string_view text) {
  auto digits = text.starts_with('+') ? text.substr(1) : text;
  std::int64_t number = 0;
  auto [end, code]
    = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  bool is_signed_twice
    = digits.size() != text.size() && digits.starts_with('-');
  if (code == std::errc{} && end == digits.data() + digits.size()
      && !is_signed_twice)
    return number;
  bool is_number = end == digits.data() + digits.size() && !digits.empty();
  auto reason = is_number && code == std::errc::result_out_of_range
                  ? "value out of range"
                  : "invalid syntax";
  return fail(errc::malformed_input, "strconv.ParseInt: parsing \""
                                       + std::string{text} + "\": " + reason);
}

} // namespace provision::simulated
