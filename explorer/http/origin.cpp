#include "explorer/http/origin.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace provision {

namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

std::string bracketed(const std::string& host) {
  return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

std::string percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char byte = 0;
    if (text[i] == '%' && i + 2 < text.size()
        && std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16)
               .ptr
             == text.data() + i + 3) {
      result += static_cast<char>(byte);
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  auto [stop, ec] = std::from_chars(text.data(), end, port);
  if (ec != std::errc{} || stop != end || port == 0)
    return std::nullopt;
  return port;
}

bool is_host_character(char c) {
  return c > ' ' && c != 0x7f
         && std::string_view{"\"<>\\^`{|}[]"}.find(c) == std::string_view::npos;
}

} // namespace

std::string origin::authority() const {
  return bracketed(host) + ':' + std::to_string(port);
}

std::string origin::host_header() const {
  return port == (is_tls ? 443 : 80) ? bracketed(host) : authority();
}

expected<origin> parse_origin(std::string_view url) {
  origin result;
  auto rest = url;
  auto refuse = [&](std::string_view why) {
    return fail(errc::invalid_configuration,
                "URL \"" + std::string{rest} + "\": " + std::string{why});
  };
  auto scheme_end = url.find("://");
  auto scheme = lower(url.substr(0, scheme_end));
  if (scheme_end == std::string_view::npos
      || (scheme != "http" && scheme != "https"))
    return refuse("must begin with http:// or https://");
  result.is_tls = scheme == "https";
  result.port = result.is_tls ? 443 : 80;
  rest = url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find_first_of("/?#"));
  if (auto at = rest.rfind('@'); at != std::string_view::npos) {
    result.credentials = percent_decoded(rest.substr(0, at));
    rest.remove_prefix(at + 1);
  }
  auto host = rest;
  std::string_view port;
  if (host.starts_with('[')) {
    auto close = host.find(']');
    if (close == std::string_view::npos)
      return refuse("lacks the bracket after the address");
    port = host.substr(close + 1);
    host = host.substr(1, close - 1);
  } else if (auto colon = host.find(':'); colon != std::string_view::npos) {
    port = host.substr(colon);
    host = host.substr(0, colon);
  }
  if (host.empty() || !std::all_of(host.begin(), host.end(), is_host_character))
    return refuse("has no usable host");
  result.host = lower(host);
  if (!port.empty() && port != ":") {
    auto number
      = port.starts_with(':') ? parse_port(port.substr(1)) : std::nullopt;
    if (!number)
      return refuse("has no usable port");
    result.port = *number;
  }
  return result;
}

} // namespace provision
