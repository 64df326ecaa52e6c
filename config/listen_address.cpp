#include "config/listen_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "config/host_and_port.hpp"

namespace provision::config {

expected<listen_address> parse_listen_address(std::string_view text) {
  auto refused = [text] {
    return fail(errc::invalid_configuration,
                "'" + std::string{text}
                  + "' is no numeric address with a port, like "
                    "127.0.0.1:9464 or [::1]:9464");
  };
  const auto at = parse_host_and_port(text);
  if (!at)
    return refused();
  listen_address found{at->host, at->port, false};
  in_addr four{};
  in6_addr six{};
  constexpr std::uint32_t loopback_net = 127;
  constexpr std::uint32_t net_bits = 24;
  if (!at->is_bracketed && ::inet_pton(AF_INET, found.host.c_str(), &four) == 1)
    found.is_loopback = ntohl(four.s_addr) >> net_bits == loopback_net;
  else if (at->is_bracketed
           && ::inet_pton(AF_INET6, found.host.c_str(), &six) == 1)
    found.is_loopback = IN6_IS_ADDR_LOOPBACK(&six);
  else
    return refused();
  return found;
}

} // namespace provision::config
