#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

/// What users ask of a gateway, in the form of the original's own gateway
/// program. It stands in a reservation's `data`; json/gateway.hpp reads it.
namespace provision::workloads {

/// Passes on what comes in for `domain`.
struct proxy {
  std::string domain = {};
  /// Numeric.
  std::string addr = {};
  /// Of HTTP and of TLS; 0: not passed on.
  std::uint32_t port = 0;
  std::uint32_t port_tls = 0;

  bool operator==(const proxy&) const = default;
};

/// Passes on what comes in for `domain` to a client that dials in.
struct reverse_proxy {
  std::string domain = {};
  /// Sealed for the node, hex.
  std::string secret = {};

  bool operator==(const reverse_proxy&) const = default;
};

/// A name in a domain that the gateway serves.
struct subdomain {
  std::string domain = {};
  /// Numeric; "destination" on the wire.
  std::vector<std::string> ips = {};

  bool operator==(const subdomain&) const = default;
};

/// A domain whose zone the gateway is to keep.
struct domain_delegate {
  std::string domain = {};

  bool operator==(const domain_delegate&) const = default;
};

/// A way into the IPv6 internet.
struct gateway4to6 {
  /// The client's, WireGuard's base64.
  std::string public_key = {};

  bool operator==(const gateway4to6&) const = default;
};

using gateway
  = std::variant<proxy, reverse_proxy, subdomain, domain_delegate, gateway4to6>;

} // namespace provision::workloads
