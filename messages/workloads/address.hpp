#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::workloads {

/// An IPv4 or IPv6 address, or none. A v4-mapped IPv6 address is an IPv4 one.
struct ip_address {
  enum class kind : std::uint8_t { none, v4, v6 };

  kind family = kind::none;
  /// Network order; IPv4 uses the first four bytes.
  std::array<std::uint8_t, 16> bytes = {};

  bool operator==(const ip_address&) const = default;
};

/// Text -> address; "" is none; errc::malformed_input "invalid IP address: x".
expected<ip_address> parse_ip(std::string_view text);

/// Dotted or RFC 5952 form; "" for none.
std::string to_string(const ip_address& ip);

/// An address with the length of its network; host bits are kept.
struct ip_range {
  ip_address address = {};
  /// Bits of the network part; 0 to 32 or 128.
  std::uint8_t prefix = 0;

  bool operator==(const ip_range&) const = default;
};

/// "10.1.0.0/16" -> range; "" is none; errc::malformed_input
/// "invalid CIDR address: x".
expected<ip_range> parse_cidr(std::string_view text);

/// "<ip>/<bits>"; "" for none.
std::string to_string(const ip_range& range);

} // namespace provision::workloads
