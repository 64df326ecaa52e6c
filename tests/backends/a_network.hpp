#pragma once

#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "backends/network_backend.hpp"
#include "identity/wireguard_key.hpp"
#include "messages/base64.hpp"

namespace provision::test {

/// A pair of WireGuard keys, base64.
struct tunnel_keys {
  tunnel_keys() {
    std::random_device random;
    std::string bytes;
    while (bytes.size() < 32)
      bytes += static_cast<char>(random());
    own = base64::encode(bytes);
    shown = wireguard_key::public_of(secret{own}).value();
  }

  std::string own;
  std::string shown;
};

inline workloads::ip_range range(const std::string& text) {
  return workloads::parse_cidr(text).value();
}

inline workloads::ip_address address(const std::string& text) {
  return workloads::parse_ip(text).value();
}

/// A part of network "blue" with its key in the clear.
inline workloads::network_resource
a_resource(const tunnel_keys& keys, const std::string& subnet = "10.1.2.0/24",
           std::uint16_t port = 41000) {
  return {.name = "blue",
          .net_id = "blue",
          .network_range = range("10.1.0.0/16"),
          .node_id = "node",
          .subnet = range(subnet),
          .wg_private_key = keys.own,
          .wg_public_key = keys.shown,
          .wg_listen_port = port};
}

inline workloads::network_peer a_peer(const std::string& public_key,
                                      const std::string& subnet,
                                      const std::string& endpoint = {}) {
  return {.subnet = range(subnet),
          .wg_public_key = public_key,
          .allowed_ips = {range(subnet)},
          .endpoint = endpoint};
}

} // namespace provision::test
