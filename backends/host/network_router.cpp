#include "backends/host/network_router.hpp"

#include <algorithm>

#include "backends/host/command.hpp"
#include "backends/host/ip_program.hpp"
#include "backends/host/named_space.hpp"

namespace provision {

namespace {

using named_space::set_switch;

/// Marks our routes, so that we remove no others; a number without a meaning
/// of its own.
constexpr auto route_mark = "112";

network_facts unknown(const error& why) {
  return {.state = presence::unknown, .reason = why.message};
}

/// Inside the router: packets pass it, and it has no addresses that nobody
/// gave it.
error set_switches() {
  if (auto failed = set_switch("ipv6/conf/all/disable_ipv6", "1"))
    return failed;
  if (auto failed = set_switch("ipv6/conf/default/disable_ipv6", "1"))
    return failed;
  return set_switch("ipv4/ip_forward", "1");
}

/// Lines for `ip -batch` that give a link these addresses and no others.
std::string address_lines(const link_facts* link, const std::string& name,
                          const std::vector<std::string>& wanted) {
  std::string lines;
  if (link != nullptr)
    for (const auto& address : link->addresses)
      if (std::ranges::find(wanted, address) == wanted.end())
        lines += "address delete " + address + " dev " + name + '\n';
  for (const auto& address : wanted)
    lines += "address replace " + address + " dev " + name + '\n';
  return lines;
}

std::string up_line(const std::string& name) {
  return "link set " + name + " mtu " + std::to_string(network_router::mtu)
         + " up\n";
}

bool is_as_wanted(const link_facts* link,
                  const std::vector<std::string>& addresses) {
  return link != nullptr && link->up && link->mtu == network_router::mtu
         && std::ranges::is_permutation(link->addresses, addresses);
}

} // namespace

network_router::network_router(const network_tools& tools, network_names names,
                               std::string underlay,
                               const step_hook& before_step)
  : tools_{tools}, names_{std::move(names)}, tunnel_{.name = names_.tunnel,
                                                     .underlay
                                                     = std::move(underlay),
                                                     .router = names_.router},
    before_step_{before_step} {
}

// -- looking ------------------------------------------------------------------

network_facts network_router::look(const network_plan& plan) const {
  const auto space = look();
  if (space == presence::unknown)
    return {.state = space,
            .reason = "namespace " + names_.router + " cannot be looked at"};
  if (space != presence::present)
    return {.state = space, .reason = "namespace is not complete"};
  network_facts facts;
  auto why = disagreement(plan, facts);
  if (!why)
    return unknown(why.error());
  if (facts.state != presence::foreign)
    facts.state = why->empty() ? presence::present : presence::partial;
  facts.reason = *why;
  return facts;
}

expected<std::string> network_router::disagreement(const network_plan& plan,
                                                   network_facts& facts) const {
  const auto all = links(names_.router);
  if (!all)
    return fail(all.error());
  const auto* bridge = find_link(*all, network_names::bridge);
  if (bridge != nullptr && !bridge->alias.empty()
      && bridge->alias != names_.tag) {
    facts.state = presence::foreign;
    return "namespace " + names_.router + " is not ours but that of '"
           + bridge->alias + "'";
  }
  if (!is_as_wanted(bridge, {plan.bridge_address})
      || bridge->alias != names_.tag)
    return "bridge is not complete";
  if (!is_as_wanted(find_link(*all, names_.tunnel), {plan.tunnel_address}))
    return "tunnel is not complete";
  auto why = tunnel_disagreement(plan, facts);
  if (!why || !why->empty())
    return why;
  return filter_disagreement(plan);
}

expected<std::string>
network_router::tunnel_disagreement(const network_plan& plan,
                                    network_facts& facts) const {
  const auto tunnel = look_at_tunnel(tools_, tunnel_);
  if (!tunnel)
    return fail(tunnel.error());
  facts.received_bytes = tunnel->received_bytes;
  facts.sent_bytes = tunnel->sent_bytes;
  facts.peers_heard = tunnel->peers_heard;
  if (!tunnel->serves(plan.public_key, plan.listen_port, plan.peers))
    return "tunnel is set otherwise";
  auto laid = routes();
  if (!laid)
    return fail(laid.error());
  std::ranges::sort(*laid);
  return *laid == plan.routes ? "" : "routes are laid otherwise";
}

expected<std::string>
network_router::filter_disagreement(const network_plan& plan) const {
  const auto tables = net_space::ask(names_.router, [&] {
    return run({.program = tools_.nft, .arguments = {"list", "ruleset"}});
  });
  if (!tables)
    return fail(tables.error());
  const auto ours = tables->out.find("table inet provision {");
  return ours != std::string::npos
             && tables->out.find(filter_mark(plan, names_.tunnel), ours)
                  != std::string::npos
           ? ""
           : "filter is not loaded";
}

expected<std::vector<link_facts>>
network_router::links(const std::string& space) const {
  return ip_program::links(tools_.ip, space);
}

expected<std::vector<std::string>> network_router::routes() const {
  const auto shown = net_space::ask(names_.router, [&] {
    return run(
      {.program = tools_.ip,
       .arguments = {"-json", "-4", "route", "show", "proto", route_mark}});
  });
  if (!shown)
    return fail(shown.error());
  return read_routes(shown->out);
}

expected<bool> network_router::is_foreign() const {
  if (look() != presence::present)
    return false;
  const auto all = links(names_.router);
  if (!all)
    return fail(all.error());
  const auto* bridge = find_link(*all, network_names::bridge);
  return bridge != nullptr && !bridge->alias.empty()
         && bridge->alias != names_.tag;
}

// -- building -----------------------------------------------------------------

error network_router::build(const network_plan& plan,
                            const secret& private_key) const {
  if (auto failed = make_space(names_.router))
    return failed;
  if (auto failed = build_bridge(plan))
    return failed;
  if (auto failed = load_filter(plan))
    return failed;
  if (auto failed = build_tunnel(plan, private_key))
    return failed;
  return lay_routes(plan);
}

error network_router::make_space(const std::string& name) const {
  return named_space::make(tools_, name, before_step_);
}

error network_router::remove_space(const std::string& name) const {
  return named_space::remove(tools_, name, before_step_);
}

error network_router::batch(const std::string& space,
                            const std::string& lines) const {
  return ip_program::batch(tools_.ip, space, lines);
}

error network_router::build_bridge(const network_plan& plan) const {
  const auto all = links(names_.router);
  if (!all)
    return all.error();
  const std::string name = network_names::bridge;
  const auto* bridge = find_link(*all, name);
  if (is_as_wanted(bridge, {plan.bridge_address})
      && bridge->alias == names_.tag)
    return {};
  if (auto stopped = pass(before_step_, "set switches"))
    return stopped;
  if (auto failed = net_space::ask(names_.router, set_switches))
    return failed;
  if (auto stopped = pass(before_step_, "make bridge"))
    return stopped;
  return batch(names_.router,
               (bridge == nullptr ? "link add " + name + " type bridge\n" : "")
                 + "link set " + name + " alias \"" + names_.tag + "\"\n"
                 + address_lines(bridge, name, {plan.bridge_address})
                 + "link set lo up\n" + up_line(name));
}

error network_router::load_filter(const network_plan& plan) const {
  const auto why = filter_disagreement(plan);
  if (!why)
    return why.error();
  if (why->empty())
    return {};
  if (auto stopped = pass(before_step_, "load filter"))
    return stopped;
  const auto loaded = net_space::ask(names_.router, [&] {
    return run({.program = tools_.nft,
                .arguments = {"-f", "-"},
                .input = filter_rules(plan, names_.tunnel)});
  });
  return loaded ? error{} : loaded.error();
}

error network_router::build_tunnel(const network_plan& plan,
                                   const secret& private_key) const {
  const auto all = links(names_.router);
  if (!all)
    return all.error();
  const auto made
    = ensure_tunnel(tools_, tunnel_, *all,
                    tunnel_configuration(plan, private_key), before_step_);
  return made ? error{} : made.error();
}

error network_router::lay_routes(const network_plan& plan) const {
  const auto all = links(names_.router);
  if (!all)
    return all.error();
  const auto laid = routes();
  if (!laid)
    return laid.error();
  const auto on_tunnel = [&](const std::string& target) {
    // Behind the routes that the kernel makes of our own addresses.
    return target + " dev " + names_.tunnel + " proto " + route_mark
           + " metric 1024\n";
  };
  auto lines = address_lines(find_link(*all, names_.tunnel), names_.tunnel,
                             {plan.tunnel_address})
               + up_line(names_.tunnel);
  for (const auto& target : *laid)
    if (!std::ranges::binary_search(plan.routes, target))
      lines += "route delete " + on_tunnel(target);
  for (const auto& target : plan.routes)
    lines += "route replace " + on_tunnel(target);
  if (auto stopped = pass(before_step_, "lay routes"))
    return stopped;
  return batch(names_.router, lines);
}

// -- removing -----------------------------------------------------------------

error network_router::tear_down() const {
  if (auto stopped = pass(before_step_, "remove tunnel"))
    return stopped;
  if (auto failed = remove_tunnel(tools_, tunnel_))
    return failed;
  return remove_space(names_.router);
}

// -- members ------------------------------------------------------------------

error network_router::plug(const network_plan& plan, std::string_view member,
                           const std::vector<std::string>& addresses) const {
  if (auto failed = lay_cable(member))
    return failed;
  const auto space = names_.member_space(member);
  const std::string name = network_names::plug;
  auto all = links(space);
  if (!all)
    return all.error();
  if (auto stopped = pass(before_step_, "set up member"))
    return stopped;
  return batch(space, "link set lo up\n"
                        + address_lines(find_link(*all, name), name, addresses)
                        + up_line(name) + "route replace default via "
                        + plan.gateway + " dev " + name + '\n');
}

error network_router::plug_machine(std::string_view member) const {
  if (auto failed = lay_cable(member))
    return failed;
  const auto space = names_.member_space(member);
  const auto all = links(space);
  if (!all)
    return all.error();
  const std::string name = network_names::plug;
  const std::string bridge = network_names::bridge;
  const std::string tap = machine_tap;
  const auto lacks
    = [&](const std::string& link) { return find_link(*all, link) == nullptr; };
  if (auto stopped = pass(before_step_, "set up machine"))
    return stopped;
  // Nobody here shall answer instead of the machine, not even with an address
  // that IPv6 makes by itself. The tap is its owner's to open, root's, who
  // needs no other power for it.
  const auto is_silent = net_space::ask(
    space, [] { return set_switch("ipv6/conf/all/disable_ipv6", "1"); });
  if (is_silent)
    return is_silent;
  return batch(
    space,
    (lacks(bridge) ? "link add " + bridge + " type bridge\n" : "")
      + (lacks(tap) ? "tuntap add dev " + tap + " mode tap user 0\n" : "")
      + address_lines(find_link(*all, name), name, {}) + "link set " + name
      + " master " + bridge + "\nlink set " + tap + " master " + bridge + '\n'
      + up_line(name) + up_line(tap) + up_line(bridge));
}

/// Makes the member's namespace and its end of the cable.
error network_router::lay_cable(std::string_view member) const {
  const auto space = names_.member_space(member);
  if (auto failed = make_space(space))
    return failed;
  const auto all = links(space);
  if (!all)
    return all.error();
  return find_link(*all, network_names::plug) == nullptr ? cable_up(member)
                                                         : error{};
}

error network_router::cable_up(std::string_view member) const {
  const auto all = links(names_.router);
  if (!all)
    return all.error();
  const auto cable = names_.cable(member);
  // An end whose other end hangs somewhere else is of no use.
  const std::string stale
    = find_link(*all, cable) != nullptr ? "link delete " + cable + '\n' : "";
  if (auto stopped = pass(before_step_, "lay cable"))
    return stopped;
  return batch(names_.router,
               stale + "link add " + cable + " type veth peer name "
                 + network_names::plug + " netns " + names_.member_space(member)
                 + "\nlink set " + cable + " master " + network_names::bridge
                 + '\n' + up_line(cable));
}

error network_router::unplug(std::string_view member) const {
  // The cable first: the kernel removes those of a namespace later than the
  // namespace, and its name would be taken until then.
  if (look() == presence::present) {
    const auto all = links(names_.router);
    if (!all)
      return all.error();
    const auto cable = names_.cable(member);
    if (find_link(*all, cable) != nullptr) {
      if (auto stopped = pass(before_step_, "remove cable"))
        return stopped;
      if (auto failed = batch(names_.router, "link delete " + cable + '\n'))
        return failed;
    }
  }
  return remove_space(names_.member_space(member));
}

} // namespace provision
