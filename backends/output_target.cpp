#include "backends/output_target.hpp"

#include <charconv>
#include <optional>

namespace provision {

namespace {

constexpr std::string_view scheme = "redis://";
/// The channel is said again with every line.
constexpr std::size_t url_bytes_max = 2048;

tl::unexpected<error> no_channel(const char* why) {
  return fail(errc::malformed_input, why);
}

/// Nothing if a percent sign has no two hex digits behind it.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string result;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      result += text[at];
      continue;
    }
    unsigned value = 0;
    const auto* const digits = text.data() + at + 1;
    if (at + 2 >= text.size()
        || std::from_chars(digits, digits + 2, value, 16).ptr != digits + 2)
      return std::nullopt;
    result += static_cast<char>(value);
    at += 2;
  }
  return result;
}

/// "user:password", in front of the '@'.
bool take_credentials(std::string_view text, redis_channel& into) {
  const auto colon = text.find(':');
  auto user = percent_decoded(text.substr(0, colon));
  auto password = percent_decoded(
    colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (!user || !password)
    return false;
  into.user = std::move(*user);
  into.password = secret::absorb(*password);
  return true;
}

/// "address" or "address:port", with brackets around an IPv6 address.
bool take_place(std::string_view text, redis_channel& into) {
  auto host = text.substr(0, text.find(':'));
  auto rest = text.substr(host.size());
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos)
      return false;
    host = text.substr(1, close - 1);
    rest = text.substr(close + 1);
  }
  const auto address = workloads::parse_ip(host);
  if (!address || address->family == workloads::ip_address::kind::none)
    return false;
  into.host = *address;
  // As the original has it, also for "host:".
  if (rest.empty() || rest == ":")
    return true;
  const auto* const end = rest.data() + rest.size();
  const auto read = std::from_chars(rest.data() + 1, end, into.port);
  return rest.front() == ':' && read.ec == std::errc{} && read.ptr == end
         && into.port != 0;
}

} // namespace

std::string_view to_string(output_stream which) {
  if (which == output_stream::usage)
    return "usage";
  return which == output_stream::output ? "standard output" : "standard error";
}

expected<redis_channel> parse_redis_channel(std::string_view url) {
  if (!url.starts_with(scheme))
    return no_channel("does not begin with redis://");
  if (url.size() > url_bytes_max)
    return no_channel("is longer than 2048 bytes");
  url.remove_prefix(scheme.size());
  url = url.substr(0, url.find('#'));
  const auto slash = url.find('/');
  if (slash == std::string_view::npos || slash + 1 == url.size())
    return no_channel("names no channel, as redis://address/channel does");
  redis_channel made{.channel = std::string{url.substr(slash + 1)}};
  auto place = url.substr(0, slash);
  if (const auto at = place.rfind('@'); at != std::string_view::npos) {
    if (!take_credentials(place.substr(0, at), made))
      return no_channel("has a percent sign that stands for nothing");
    place.remove_prefix(at + 1);
  }
  if (!take_place(place, made))
    return no_channel(
      "names no numeric address with a port; names are not looked "
      "up");
  return made;
}

} // namespace provision
