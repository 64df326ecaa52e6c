#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backends/host/ip_facts.hpp"
#include "backends/host/network_tools.hpp"
#include "backends/host/public_filter.hpp"
#include "backends/host/step_hook.hpp"

namespace provision {

/// Where machines get to the public network.
struct public_place {
  /// Whose ports and table: part of their names.
  std::string node_id = {};
  /// Namespace of the bridge; empty: this process's own.
  std::string space = {};
  /// A bridge of the operator's, of which the uplink is a port.
  std::string bridge = {};
};

/// The public bridge, and what this node has on it:
///
///   pp<hash>   port of the bridge, alias "provision node … public address …"
///   │ cable
///   eth1 ── br1 ── tap1   in the namespace of the machine
///
/// and the table "provision_<hash>" of public_filter. Looks at the host anew in
/// every call.
class public_bridge {
public:
  /// `tools` and `before_step` must outlive it.
  public_bridge(const network_tools& tools, public_place place,
                const step_hook& before_step);

  /// errc::host_unavailable unless the bridge is there.
  expected<link_facts> look() const;

  /// Name of the port of an address.
  std::string port_of(std::string_view id) const;
  /// Namespace of a machine.
  std::string space_of(std::string_view machine) const;
  /// Name of the table.
  std::string table() const;

  /// Whether `filter` is loaded.
  expected<bool> has(const public_filter& filter) const;
  /// Loads it, in one transaction, unless it is.
  error load(const public_filter& filter) const;

  /// Makes the machine's end, from whatever is there.
  error make_card(std::string_view machine) const;
  /// Whether the machine's card is connected to the bridge.
  expected<bool> is_connected(std::string_view id,
                              std::string_view machine) const;
  /// Connects the card, from whatever is there. The filter has to be loaded
  /// before.
  error connect(std::string_view id, std::string_view machine) const;
  /// Removes the port with the cable; absent is a success.
  error disconnect(std::string_view id) const;

  /// Ids of the addresses that have a port here.
  expected<std::vector<std::string>> ports() const;

private:
  std::string alias_of(std::string_view id) const;

  const network_tools& tools_;
  public_place place_;
  const step_hook& before_step_;
};

} // namespace provision
