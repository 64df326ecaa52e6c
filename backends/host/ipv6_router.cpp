#include "backends/host/ipv6_router.hpp"

#include <algorithm>

#include "backends/host/command.hpp"
#include "backends/host/ip_program.hpp"
#include "backends/host/named_space.hpp"

namespace provision {

namespace {

using named_space::set_switch;

/// Marks our routes, so that we remove no others.
constexpr auto own_routes = "112";

constexpr auto forwarding = "ipv6/conf/all/forwarding";

std::string without_length(const std::string& address) {
  return address.substr(0, address.find('/'));
}

/// Inside the router: IPv6 passes it, and it learns nothing from whoever calls
/// himself a router.
error set_router_switches() {
  for (const auto* name :
       {"ipv6/conf/all/accept_ra", "ipv6/conf/default/accept_ra",
        "ipv6/conf/all/accept_redirects", "ipv6/conf/default/accept_redirects"})
    if (auto failed = set_switch(name, "0"))
      return failed;
  return set_switch(forwarding, "1");
}

/// Lines that bring one list to another.
template <class Line>
std::string difference(const std::vector<std::string>& there,
                       const std::vector<std::string>& wanted,
                       const Line& line) {
  std::string lines;
  for (const auto& one : there)
    if (!std::ranges::binary_search(wanted, one))
      lines += line("delete", one);
  for (const auto& one : wanted)
    lines += line("replace", one);
  return lines;
}

expected<link_facts> bridge_among(const std::vector<link_facts>& links,
                                  const std::string& name) {
  const auto* found = find_link(links, name);
  if (found == nullptr || found->kind != "bridge")
    return fail(errc::host_unavailable,
                "gateway.ipv6_bridge: " + name + " is "
                  + (found == nullptr ? "not there" : "no bridge"));
  return *found;
}

expected<std::vector<std::string>> sorted_targets(const std::string& answer) {
  auto read = read_routes(answer, ip_family::v6);
  if (read)
    std::ranges::sort(*read);
  return read;
}

} // namespace

ipv6_router::ipv6_router(const network_tools& tools, ipv6_gateway_names names,
                         std::string underlay, const step_hook& before_step)
  : tools_{tools}, names_{std::move(names)}, tunnel_{.name = names_.tunnel,
                                                     .underlay
                                                     = std::move(underlay),
                                                     .router = names_.space},
    before_step_{before_step} {
}

// -- looking ------------------------------------------------------------------

expected<link_facts>
ipv6_router::look_at_bridge(const std::string& bridge) const {
  const auto all = ip_program::links(tools_.ip, tunnel_.underlay);
  return all ? bridge_among(*all, bridge) : fail(all.error());
}

/// Two programs, because of two namespaces.
expected<ipv6_router::parts> ipv6_router::look_at_parts() const {
  auto outside = ip_program::links(tools_.ip, tunnel_.underlay);
  const auto said = ip_program::ipv6_answers(
    tools_.ip, names_.space,
    {"link show", "address show", std::string{"route show proto "} + own_routes,
     "neighbor show proxy"});
  if (!outside || !said)
    return fail(outside ? said.error() : outside.error());
  auto inside = read_links(said->at(0));
  auto addressed = read_links(said->at(1));
  if (!inside || !addressed)
    return fail(inside ? addressed.error() : inside.error());
  auto routes = sorted_targets(said->at(2));
  auto answered = sorted_targets(said->at(3));
  if (!routes || !answered)
    return fail(routes ? answered.error() : routes.error());
  const auto passes = net_space::ask(names_.space, [] {
    return read_whole(std::string{"/proc/sys/net/"} + forwarding);
  });
  if (!passes)
    return fail(passes.error());
  return parts{.outside = std::move(*outside),
               .inside = std::move(*inside),
               .addressed = std::move(*addressed),
               .routes = std::move(*routes),
               .answered = std::move(*answered),
               .passes = passes->starts_with('1')};
}

expected<std::string>
ipv6_router::disagreement(const ipv6_gateway_plan& plan) const {
  const auto there = look();
  if (there == presence::unknown)
    return fail(errc::host_unavailable,
                "namespace " + names_.space + " cannot be looked at");
  if (there != presence::present)
    return "its namespace is not there";
  const auto found = look_at_parts();
  if (!found)
    return fail(found.error());
  for (auto why : {flaw_of_leg(*found, plan), flaw_of_way(*found, plan)})
    if (!why.empty())
      return why;
  // Asked last: it speaks only where it is.
  const auto tunnel = look_at_tunnel(tools_, tunnel_);
  if (!tunnel)
    return fail(tunnel.error());
  if (!tunnel->serves(plan.public_key, plan.listen_port, plan.peers))
    return "its tunnel is set otherwise";
  return filter_disagreement(plan);
}

std::string ipv6_router::flaw_of_leg(const parts& found,
                                     const ipv6_gateway_plan& plan) const {
  const auto* port = find_link(found.outside, names_.port);
  const auto* leg = find_link(found.inside, ipv6_gateway_names::leg);
  if (port == nullptr || leg == nullptr || !port->up || !leg->up
      || port->alias != names_.tag || port->master != plan.bridge)
    return "it is not connected to the bridge";
  const auto* addressed = find_link(found.addressed, ipv6_gateway_names::leg);
  if (addressed == nullptr || addressed->ipv6_addresses != texts{plan.address})
    return "it has another address on the bridge";
  return found.passes ? "" : "it passes nothing on";
}

std::string ipv6_router::flaw_of_way(const parts& found,
                                     const ipv6_gateway_plan& plan) const {
  const auto* tunnel = find_link(found.inside, names_.tunnel);
  if (tunnel == nullptr || !tunnel->up || tunnel->mtu != mtu)
    return "its tunnel is not there";
  if (found.routes != plan.routes)
    return "its routes are laid otherwise";
  return found.answered == plan.answered
           ? ""
           : "it answers for others than its clients";
}

expected<std::string>
ipv6_router::filter_disagreement(const ipv6_gateway_plan& plan) const {
  constexpr std::size_t bytes_max = 16U << 20U;
  const auto tables = net_space::ask(names_.space, [&] {
    return run({.program = tools_.nft,
                .arguments = {"list", "ruleset"},
                .output_bytes_max = bytes_max});
  });
  if (!tables)
    return fail(tables.error());
  const auto ours = tables->out.find("table inet provision {");
  return ours != std::string::npos
             && tables->out.find(filter_mark(plan), ours) != std::string::npos
           ? ""
           : "its filter is not loaded";
}

// -- building -----------------------------------------------------------------

error ipv6_router::build(const ipv6_gateway_plan& plan,
                         const secret& private_key) const {
  if (auto failed = named_space::make(tools_, names_.space, before_step_))
    return failed;
  // Never a way without its filter. One that is loaded again is replaced at
  // once, so nobody looks at it before.
  if (auto failed = load_filter(plan))
    return failed;
  auto found = look_at_parts();
  if (!found)
    return found.error();
  if (auto failed = build_leg(plan, *found))
    return failed;
  if (auto failed = build_tunnel(plan, private_key, *found))
    return failed;
  return lay_routes(plan, *found);
}

error ipv6_router::batch(const std::string& lines) const {
  return ip_program::batch(tools_.ip, names_.space, lines);
}

error ipv6_router::build_leg(const ipv6_gateway_plan& plan,
                             parts& found) const {
  // One that hangs on its bridge tells that the bridge is there.
  if (flaw_of_leg(found, plan).empty())
    return {};
  const auto bridge = bridge_among(found.outside, plan.bridge);
  if (!bridge)
    return bridge.error();
  if (auto stopped = pass(before_step_, "set switches"))
    return stopped;
  if (auto failed = net_space::ask(names_.space, set_router_switches))
    return failed;
  // An end whose other end hangs somewhere else is of no use.
  if (auto failed = remove_port(found.outside))
    return failed;
  // It took along for whom it answered.
  found.answered.clear();
  const std::string leg = ipv6_gateway_names::leg;
  const auto size = " mtu " + std::to_string(bridge->mtu);
  if (auto stopped = pass(before_step_, "lay cable"))
    return stopped;
  if (auto failed = ip_program::batch(
        tools_.ip, tunnel_.underlay,
        "link add " + names_.port + size + " type veth peer name " + leg + size
          + " netns " + names_.space + "\nlink set " + names_.port + " alias \""
          + names_.tag + "\"\nlink set " + names_.port
          + " addrgenmode none\nlink set " + names_.port + " master "
          + plan.bridge + "\nlink set " + names_.port
          + " type bridge_slave guard on\nlink set " + names_.port + " up\n"))
    return failed;
  if (auto stopped = pass(before_step_, "set up leg"))
    return stopped;
  // The operator gave the address: nobody is asked whether it is free.
  if (auto failed
      = batch("link set lo up\naddress replace " + plan.address + " dev " + leg
              + " nodad\nlink set " + leg + " up\n"))
    return failed;
  return net_space::ask(names_.space, [&] {
    return set_switch("ipv6/conf/" + leg + "/proxy_ndp", "1");
  });
}

error ipv6_router::load_filter(const ipv6_gateway_plan& plan) const {
  if (auto stopped = pass(before_step_, "load filter"))
    return stopped;
  const auto loaded = net_space::ask(names_.space, [&] {
    return run({.program = tools_.nft,
                .arguments = {"-f", "-"},
                .input = filter_rules(plan)});
  });
  return loaded ? error{} : loaded.error();
}

error ipv6_router::build_tunnel(const ipv6_gateway_plan& plan,
                                const secret& private_key, parts& found) const {
  const auto made = ensure_tunnel(
    tools_, tunnel_, found.inside,
    tunnel_configuration({.listen_port = plan.listen_port, .peers = plan.peers},
                         private_key),
    before_step_);
  if (!made)
    return made.error();
  if (*made)
    found.routes.clear();
  return {};
}

error ipv6_router::lay_routes(const ipv6_gateway_plan& plan,
                              const parts& found) const {
  const std::string leg = ipv6_gateway_names::leg;
  const auto route = [&](const std::string& verb, const std::string& target) {
    const bool leads_out = target == "::/0";
    return "route " + verb + ' ' + target
           + (leads_out ? " via " + plan.router + " dev " + leg + " onlink"
                        : " dev " + names_.tunnel)
           + " proto " + own_routes + " metric 1024\n";
  };
  const auto answer = [&](const std::string& verb, const std::string& target) {
    return "neighbor " + verb + " proxy " + without_length(target) + " dev "
           + leg + '\n';
  };
  if (auto stopped = pass(before_step_, "lay routes"))
    return stopped;
  return batch("link set " + names_.tunnel + " mtu " + std::to_string(mtu)
               + " up\n" + difference(found.routes, plan.routes, route)
               + difference(found.answered, plan.answered, answer));
}

// -- removing -----------------------------------------------------------------

error ipv6_router::remove_port(const std::vector<link_facts>& outside) const {
  const auto* port = find_link(outside, names_.port);
  if (port == nullptr)
    return {};
  // A crash can leave one of ours without its alias.
  if (!port->alias.empty() && port->alias != names_.tag)
    return {errc::already_exists, "interface " + names_.port
                                    + " is not ours but '" + port->alias + "'"};
  if (auto stopped = pass(before_step_, "remove cable"))
    return stopped;
  return ip_program::batch(tools_.ip, tunnel_.underlay,
                           "link delete " + names_.port + '\n');
}

error ipv6_router::tear_down() const {
  if (auto stopped = pass(before_step_, "remove tunnel"))
    return stopped;
  if (auto failed = remove_tunnel(tools_, tunnel_))
    return failed;
  const auto outside = ip_program::links(tools_.ip, tunnel_.underlay);
  if (!outside)
    return outside.error();
  // Before the namespace: the kernel removes its end later than that, and the
  // name would be taken until then.
  if (auto failed = remove_port(*outside))
    return failed;
  return named_space::remove(tools_, names_.space, before_step_);
}

} // namespace provision
