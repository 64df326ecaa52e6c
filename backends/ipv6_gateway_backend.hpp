#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "backends/held_object.hpp"
#include "backends/presence.hpp"
#include "messages/error.hpp"

namespace provision {

/// A client that wants to reach the IPv6 internet through this node.
struct ipv6_client_order {
  std::string id = {};
  /// WireGuard's, base64. No two clients have the same.
  std::string public_key = {};
};

/// What a client has to be told.
struct ipv6_client_terms {
  /// Its own address, "2001:db8:1:2:3:4:5:6/128".
  std::string address = {};
  /// The node's key, base64, and where it listens, "192.0.2.1:51820".
  std::string gateway_key = {};
  std::string endpoint = {};
  /// Where the way leads to: "2000::/3".
  std::string reach = {};
};

struct ipv6_client_facts {
  presence state = presence::absent;
  /// Why the state is neither absent nor present.
  std::string reason = {};
};

/// Tunnels into the IPv6 internet. They outlive the daemon. Blocks; each call
/// may take a second. Thread-safe. Keeps the contract of backends/presence.hpp.
class ipv6_gateway_backend {
public:
  virtual ~ipv6_gateway_backend() = default;

  virtual ipv6_client_facts inspect(std::string_view id) = 0;

  /// A client keeps its address as long as its reservation lives.
  /// errc::invalid_reservation: the key is none, or another client's.
  virtual expected<ipv6_client_terms> ensure(const ipv6_client_order& order)
    = 0;

  virtual error destroy(std::string_view id) = 0;

  /// All that is here.
  virtual expected<std::vector<held_object>> list() = 0;
};

} // namespace provision
