#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::config {

/// Where a TCP server listens.
struct listen_address {
  /// Numeric, IPv4 or IPv6 without brackets.
  std::string host = {};
  /// 0: the system chooses.
  std::uint16_t port = 0;
  /// Only programs of this host can reach it.
  bool is_loopback = false;
};

/// "127.0.0.1:9464" or "[::1]:9464"; errc::invalid_configuration for anything
/// else, names of hosts included: whom they mean is not known before they are
/// asked for.
expected<listen_address> parse_listen_address(std::string_view text);

} // namespace provision::config
