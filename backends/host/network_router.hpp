#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/host/ip_facts.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_names.hpp"
#include "backends/host/network_plan.hpp"
#include "backends/host/network_tools.hpp"
#include "backends/host/step_hook.hpp"
#include "backends/host/wireguard_tunnel.hpp"

namespace provision {

/// The parts of one network on this host: a namespace with a bridge, a filter
/// and a tunnel in it, and cables from the bridge into the members'
/// namespaces. Looks at the host anew in every call.
class network_router {
public:
  /// What is left of an Ethernet frame inside WireGuard over IPv6, bytes.
  static constexpr std::uint32_t mtu = 1420;

  network_router(const network_tools& tools, network_names names,
                 std::string underlay, const step_hook& before_step);

  /// How far the host agrees with the plan.
  network_facts look(const network_plan& plan) const;

  /// Of its namespace.
  const std::string& name() const noexcept { return names_.router; }

  /// Whether there is anything by the router's name.
  presence look() const { return net_space::look(names_.router); }

  /// Whether somebody else's bridge stands in a router of our name.
  expected<bool> is_foreign() const;

  /// Makes the host agree with the plan, from whatever is there.
  error build(const network_plan& plan, const secret& private_key) const;

  /// Removes all of it; absent is a success.
  error tear_down() const;

  /// Makes a member's namespace and its cable, from whatever is there.
  /// `addresses` have the length of the subnet.
  error plug(const network_plan& plan, std::string_view member,
             const std::vector<std::string>& addresses) const;

  /// As plug(), for a member that is a machine: a bridge from the cable to the
  /// tap.
  error plug_machine(std::string_view member) const;

  /// Removes a member's cable and its namespace; absent is a success.
  error unplug(std::string_view member) const;

private:
  expected<std::vector<link_facts>> links(const std::string& space) const;
  error batch(const std::string& space, const std::string& lines) const;
  error make_space(const std::string& name) const;
  error remove_space(const std::string& name) const;
  error build_bridge(const network_plan& plan) const;
  error load_filter(const network_plan& plan) const;
  error build_tunnel(const network_plan& plan, const secret& private_key) const;
  error lay_routes(const network_plan& plan) const;
  expected<std::vector<std::string>> routes() const;
  /// Why links, filter, tunnel or routes do not agree; empty if they do.
  expected<std::string> disagreement(const network_plan& plan,
                                     network_facts& facts) const;
  expected<std::string> filter_disagreement(const network_plan& plan) const;
  expected<std::string> tunnel_disagreement(const network_plan& plan,
                                            network_facts& facts) const;
  error lay_cable(std::string_view member) const;
  error cable_up(std::string_view member) const;

  const network_tools& tools_;
  network_names names_;
  tunnel_place tunnel_;
  const step_hook& before_step_;
};

} // namespace provision
