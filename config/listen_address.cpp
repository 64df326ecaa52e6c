#include "config/listen_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <optional>

namespace provision::config {

namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, failure]
    = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || failure != std::errc{}
      || end != text.data() + text.size())
    return std::nullopt;
  return port;
}

} // namespace

expected<listen_address> parse_listen_address(std::string_view text) {
  auto refused = [text] {
    return fail(errc::invalid_configuration,
                "'" + std::string{text}
                  + "' is no numeric address with a port, like "
                    "127.0.0.1:9464 or [::1]:9464");
  };
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return refused();
  auto port = port_of(text.substr(colon + 1));
  auto host = text.substr(0, colon);
  bool has_brackets = host.starts_with('[') && host.ends_with(']');
  if (has_brackets)
    host = host.substr(1, host.size() - 2);
  listen_address found{std::string{host}, port.value_or(0), false};
  in_addr four{};
  in6_addr six{};
  constexpr std::uint32_t loopback_net = 127;
  constexpr std::uint32_t net_bits = 24;
  if (!has_brackets && ::inet_pton(AF_INET, found.host.c_str(), &four) == 1)
    found.is_loopback = ntohl(four.s_addr) >> net_bits == loopback_net;
  else if (has_brackets && ::inet_pton(AF_INET6, found.host.c_str(), &six) == 1)
    found.is_loopback = IN6_IS_ADDR_LOOPBACK(&six);
  else
    return refused();
  if (!port)
    return refused();
  return found;
}

} // namespace provision::config
