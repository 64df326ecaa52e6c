#include "explorer/http/proxy.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

namespace provision {

namespace ip = boost::asio::ip;

namespace {

std::optional<ip::address> as_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  boost::system::error_code ec;
  auto address = ip::make_address(std::string{text}, ec);
  return ec ? std::nullopt : std::optional{address};
}

bool lies_in_block(const ip::address& address, std::string_view block) {
  boost::system::error_code ec;
  if (address.is_v4()) {
    auto network = ip::make_network_v4(std::string{block}, ec);
    return !ec
           && ip::make_network_v4(address.to_v4(), network.prefix_length())
                  .network()
                == network.network();
  }
  auto network = ip::make_network_v6(std::string{block}, ec);
  return !ec
         && ip::make_network_v6(address.to_v6(), network.prefix_length())
                .network()
              == network.network();
}

/// One entry of no_proxy, already trimmed and in lower case.
bool exempts(std::string_view entry, const origin& target) {
  if (entry == "*")
    return true;
  auto address = as_address(target.host);
  if (entry.find('/') != std::string_view::npos)
    return address && lies_in_block(*address, entry);
  // An address without brackets has more than one colon.
  auto colon = entry.rfind(':');
  if (colon != std::string_view::npos && !as_address(entry)) {
    if (entry.substr(colon + 1) != std::to_string(target.port))
      return false;
    entry = entry.substr(0, colon);
  }
  if (auto exempt = as_address(entry))
    return address && *exempt == *address;
  if (entry.starts_with("*."))
    entry.remove_prefix(1);
  if (entry.starts_with('.'))
    return target.host.ends_with(entry);
  return target.host == entry
         || target.host.ends_with('.' + std::string{entry});
}

bool is_exempt(const proxy_settings& settings, const origin& target) {
  auto address = as_address(target.host);
  if (target.host == "localhost" || (address && address->is_loopback()))
    return true;
  std::string_view rest = settings.no_proxy;
  while (!rest.empty()) {
    auto comma = rest.find(',');
    std::string entry;
    for (char c : rest.substr(0, comma)) {
      if (c >= 'A' && c <= 'Z')
        c = static_cast<char>(c - 'A' + 'a');
      if (c != ' ' && c != '\t')
        entry += c;
    }
    if (!entry.empty() && exempts(entry, target))
      return true;
    rest = comma == std::string_view::npos ? std::string_view{}
                                           : rest.substr(comma + 1);
  }
  return false;
}

} // namespace

proxy_settings
proxy_from_environment(const std::function<const char*(const char*)>& get) {
  auto either = [&](const char* upper, const char* lower) {
    const char* value = get(upper);
    if (value == nullptr || *value == '\0')
      value = get(lower);
    return std::string{value == nullptr ? "" : value};
  };
  return {.http = either("HTTP_PROXY", "http_proxy"),
          .https = either("HTTPS_PROXY", "https_proxy"),
          .no_proxy = either("NO_PROXY", "no_proxy")};
}

expected<std::optional<origin>> proxy_for(const proxy_settings& settings,
                                          const origin& target) {
  auto url = target.is_tls ? settings.https : settings.http;
  if (url.empty() || is_exempt(settings, target))
    return std::optional<origin>{};
  if (url.find("://") == std::string::npos)
    url.insert(0, "http://");
  auto proxy = parse_origin(url);
  if (!proxy)
    return fail(errc::invalid_configuration,
                "proxy: " + std::move(proxy.error().message));
  if (proxy->is_tls)
    return fail(errc::invalid_configuration,
                "proxy " + proxy->authority() + ": only http:// is supported");
  return std::optional{std::move(*proxy)};
}

} // namespace provision
