#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/workloads/address.hpp"

namespace provision::workloads {

/// Another node's part of the same network.
struct network_peer {
  ip_range subnet = {};
  /// Base64.
  std::string wg_public_key = {};
  std::vector<ip_range> allowed_ips = {};
  /// "address:port"; empty for a peer that cannot be called.
  std::string endpoint = {};

  bool operator==(const network_peer&) const = default;
};

/// This node's part of a user's network.
struct network_resource {
  std::string name = {};
  /// The network's name until the node computes its id.
  std::string net_id = {};
  /// The whole network.
  ip_range network_range = {};
  std::string node_id = {};
  /// This node's part.
  ip_range subnet = {};
  /// Hex of a sealed box for the node.
  std::string wg_private_key = {};
  /// Base64.
  std::string wg_public_key = {};
  std::uint16_t wg_listen_port = 0;
  std::vector<network_peer> peers = {};

  bool operator==(const network_resource&) const = default;
};

} // namespace provision::workloads
