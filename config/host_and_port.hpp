#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::config {

/// Where another program listens.
struct host_and_port {
  /// A name or a numeric address; IPv6 without its brackets.
  std::string host = {};
  std::uint16_t port = 0;
  /// Whether the host stood in brackets.
  bool is_bracketed = false;
};

/// "storage-1.example:7443", "10.1.2.3:7443", "[2001:db8::1]:7443";
/// errc::invalid_configuration for anything else.
expected<host_and_port> parse_host_and_port(std::string_view text);

} // namespace provision::config
