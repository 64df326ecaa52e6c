#include "config/host_and_port.hpp"

#include <charconv>
#include <optional>

namespace provision::config {

namespace {

std::optional<std::uint16_t> port_of(std::string_view text) {
  std::uint16_t port = 0;
  const auto* const last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data(), last, port);
  if (text.empty() || failure != std::errc{} || end != last)
    return std::nullopt;
  return port;
}

bool is_host(std::string_view text, bool is_bracketed) {
  // Only an address in brackets may have colons of its own.
  const std::string_view letters
    = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  const std::string_view digits = "0123456789abcdefABCDEF:.%";
  return !text.empty()
         && text.find_first_not_of(is_bracketed ? digits : letters)
              == std::string_view::npos;
}

} // namespace

expected<host_and_port> parse_host_and_port(std::string_view text) {
  const auto colon = text.rfind(':');
  auto host = text.substr(0, colon);
  const auto port = colon == std::string_view::npos
                      ? std::nullopt
                      : port_of(text.substr(colon + 1));
  const bool is_bracketed = host.starts_with('[') && host.ends_with(']');
  if (is_bracketed)
    host = host.substr(1, host.size() - 2);
  if (!port || !is_host(host, is_bracketed))
    return fail(errc::invalid_configuration,
                "'" + std::string{text}
                  + "' is no host with a port, like storage-1.example:7443 or "
                    "[2001:db8::1]:7443");
  return host_and_port{std::string{host}, *port, is_bracketed};
}

} // namespace provision::config
