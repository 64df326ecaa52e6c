#include "backends/host/ipv6_gateway_probe.hpp"

#include "backends/host/command.hpp"
#include "backends/host/ipv6_router.hpp"
#include "backends/host/named_space.hpp"
#include "backends/host/net_space.hpp"

namespace provision {

namespace {

ability lacks_ipv6(std::string reason, std::string remedy) {
  return {.state = ability::level::missing,
          .reason = std::move(reason),
          .remedy = std::move(remedy)};
}

constexpr auto sample_leg = R"(link add probe0 type bridge
link add probe1 type veth peer name up0
link set probe1 master probe0
link set probe1 type bridge_slave guard on
address add 2001:db8::2/64 dev up0 nodad
link set up0 up
route add ::/0 via 2001:db8::1 dev up0 onlink proto 112
neighbor add proxy 2001:db8::3 dev up0
)";

/// As the router is, in the calling thread's namespace; without its tunnel,
/// which networks have tried.
error try_router_parts(const network_tools& tools) {
  const auto links = run(
    {.program = tools.ip, .arguments = {"-batch", "-"}, .input = sample_leg});
  if (!links)
    return links.error();
  if (auto failed = named_space::set_switch("ipv6/conf/all/forwarding", "1"))
    return failed;
  const ipv6_gateway_plan sample{.peers = {{.allowed = {"2001:db8::3/128"}}},
                                 .tunnel = "probe2"};
  const auto filter = run({.program = tools.nft,
                           .arguments = {"-f", "-"},
                           .input = filter_rules(sample)});
  return filter ? error{} : filter.error();
}

} // namespace

ipv6_gateway_ability probe_ipv6_gateway(const ipv6_gateway_terms& terms,
                                        const std::string& underlay) {
  const auto networks = probe_network();
  ipv6_gateway_ability found{networks.ability, networks.tools};
  if (found.ability.state == ability::level::missing)
    return found;
  error failed;
  const auto outside
    = net_space::visit_fresh([&] { failed = try_router_parts(found.tools); });
  if (outside || failed) {
    found.ability = lacks_ipv6(outside ? outside.message : failed.message,
                               "let the kernel have IPv6, and load the modules "
                               "bridge, veth and nf_tables");
    return found;
  }
  found.ability.technique += " and an IPv6 router of its own";
  if (terms.bridge.empty()) {
    found.ability
      = lacks_ipv6("there is no bridge to an IPv6 network; "
                     + found.ability.technique + " would serve clients",
                   "set gateway.ipv6_bridge and the keys that belong to it");
    return found;
  }
  const step_hook no_hook;
  const ipv6_router router{found.tools, ipv6_gateway_names{"probe"}, underlay,
                           no_hook};
  if (const auto bridge = router.look_at_bridge(terms.bridge); !bridge)
    found.ability = lacks_ipv6(bridge.error().message,
                               "make the bridge, or set gateway.ipv6_bridge "
                               "to the one there is");
  return found;
}

} // namespace provision
