#pragma once

#include <string>
#include <string_view>

namespace provision {

/// The names that a network's parts have on the host. They derive from the
/// node's and the network's id alone: nothing needs to be remembered to find
/// them, and two nodes on one machine do not meet.
struct network_names {
  network_names(std::string_view node_id, std::string_view network_id);

  /// Namespace of the router.
  std::string router;
  /// Written on the bridge: tells ours from anybody else's.
  std::string tag;
  /// The WireGuard device; unique on the host, because its control socket is a
  /// file.
  std::string tunnel;

  /// Namespace of a member.
  std::string member_space(std::string_view member) const;
  /// The router's end of a member's cable.
  std::string cable(std::string_view member) const;

  /// The bridge, in the router's namespace.
  static constexpr auto bridge = "br0";
  /// The member's end of its cable.
  static constexpr auto plug = "eth0";

private:
  std::string node_;
  std::string key_;
};

/// The names of the parts of a node's way into the IPv6 internet.
struct ipv6_gateway_names {
  explicit ipv6_gateway_names(std::string_view node_id);

  /// Namespace of the router.
  std::string space;
  /// Written on the port: tells ours from anybody else's.
  std::string tag;
  /// The WireGuard device, and the port of the operator's bridge; unique on the
  /// host.
  std::string tunnel;
  std::string port;

  /// The port's other end, in the router's namespace.
  static constexpr auto leg = "up0";
};

/// The port of a public address on the public bridge; unique on the host.
std::string public_port_name(std::string_view node_id, std::string_view id);

/// The table that guards a node's public addresses.
std::string public_table_name(std::string_view node_id);

} // namespace provision
