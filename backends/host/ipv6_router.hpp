#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/host/ip_facts.hpp"
#include "backends/host/ipv6_gateway_plan.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_names.hpp"
#include "backends/host/network_tools.hpp"
#include "backends/host/step_hook.hpp"

namespace provision {

/// The parts of a node's way into the IPv6 internet:
///
///    operator's bridge in `underlay`
///      │ p6<hash>, alias "provision node … gateway4to6"
///    ┌─┴─ namespace provision-<node>-gateway4to6 ──────────────────┐
///    │  up0  its own address, the way out     forwarding, here only │
///    │  p4<hash>  WireGuard, a route for each client                │
///    │  table inet provision: who may pass                          │
///    └──────────────────────────────────────────────────────────────┘
///
/// Looks at the host anew in every call.
class ipv6_router {
public:
  /// What is left of an Ethernet frame inside WireGuard over IPv6, bytes.
  static constexpr std::uint32_t mtu = 1420;

  /// `tools` and `before_step` must outlive it. `underlay`: namespace of the
  /// bridge and of the tunnel's packets; empty: this process's own.
  ipv6_router(const network_tools& tools, ipv6_gateway_names names,
              std::string underlay, const step_hook& before_step);

  const std::string& tunnel() const noexcept { return names_.tunnel; }

  /// errc::host_unavailable unless the operator's bridge is there.
  expected<link_facts> look_at_bridge(const std::string& bridge) const;

  /// Whether there is anything of it.
  presence look() const { return net_space::look(names_.space); }

  /// Why the host does not agree with the plan; empty if it does.
  expected<std::string> disagreement(const ipv6_gateway_plan& plan) const;

  /// Makes the host agree with the plan, from whatever is there.
  error build(const ipv6_gateway_plan& plan, const secret& private_key) const;

  /// Removes all of it; absent is a success.
  error tear_down() const;

private:
  using texts = std::vector<std::string>;

  /// What is there, as of one moment.
  struct parts {
    /// Links beside the bridge, in the router, and those with IPv6 addresses.
    std::vector<link_facts> outside = {};
    std::vector<link_facts> inside = {};
    std::vector<link_facts> addressed = {};
    /// Our routes, and for whom it answers; sorted, as in the plan.
    texts routes = {};
    texts answered = {};
    bool passes = false;
  };

  expected<parts> look_at_parts() const;
  std::string flaw_of_leg(const parts& found,
                          const ipv6_gateway_plan& plan) const;
  std::string flaw_of_way(const parts& found,
                          const ipv6_gateway_plan& plan) const;
  expected<std::string>
  filter_disagreement(const ipv6_gateway_plan& plan) const;
  error batch(const std::string& lines) const;
  error build_leg(const ipv6_gateway_plan& plan, parts& found) const;
  error load_filter(const ipv6_gateway_plan& plan) const;
  error build_tunnel(const ipv6_gateway_plan& plan, const secret& private_key,
                     parts& found) const;
  error lay_routes(const ipv6_gateway_plan& plan, const parts& found) const;
  error remove_port(const std::vector<link_facts>& outside) const;

  const network_tools& tools_;
  ipv6_gateway_names names_;
  tunnel_place tunnel_;
  const step_hook& before_step_;
};

} // namespace provision
