#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision {

/// Where an http or https URL points to, its path left aside.
struct origin {
  bool is_tls = false;
  /// A name or an address; IPv6 without its brackets.
  std::string host = {};
  std::uint16_t port = 80;
  /// "user:password" of the URL, decoded; empty if it has none.
  std::string credentials = {};

  /// "host:port", for messages and CONNECT; IPv6 in brackets.
  std::string authority() const;

  /// As the Host header wants it: without the scheme's own port.
  std::string host_header() const;

  bool operator==(const origin&) const = default;
};

/// errc::invalid_configuration, naming `url` without its credentials, if it
/// is not http://... or https://... with a host.
expected<origin> parse_origin(std::string_view url);

} // namespace provision
