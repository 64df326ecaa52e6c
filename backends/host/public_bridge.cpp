#include "backends/host/public_bridge.hpp"

#include "backends/host/command.hpp"
#include "backends/host/ip_program.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_names.hpp"
#include "backends/public_ip_backend.hpp"

namespace provision {

namespace {

/// The machine's end of the cable, and the bridge to its tap.
constexpr auto plug = "eth1";
constexpr auto inner_bridge = "br1";

std::string up(const std::string& name) {
  return "link set " + name + " up\n";
}

} // namespace

public_bridge::public_bridge(const network_tools& tools, public_place place,
                             const step_hook& before_step)
  : tools_{tools}, place_{std::move(place)}, before_step_{before_step} {
}

std::string public_bridge::port_of(std::string_view id) const {
  return public_port_name(place_.node_id, id);
}

std::string public_bridge::space_of(std::string_view machine) const {
  return network_names{place_.node_id, {}}.member_space(machine);
}

std::string public_bridge::table() const {
  return public_table_name(place_.node_id);
}

std::string public_bridge::alias_of(std::string_view id) const {
  return "provision node " + place_.node_id + " public address "
         + std::string{id};
}

expected<link_facts> public_bridge::look() const {
  const auto all = ip_program::links(tools_.ip, place_.space);
  if (!all)
    return fail(all.error());
  const auto* found = find_link(*all, place_.bridge);
  if (found == nullptr || found->kind != "bridge")
    return fail(errc::host_unavailable,
                "public.bridge: " + place_.bridge + " is "
                  + (found == nullptr ? "not there" : "no bridge"));
  return *found;
}

// -- the filter ---------------------------------------------------------------

expected<bool> public_bridge::has(const public_filter& filter) const {
  constexpr std::size_t bytes_max = 16U << 20U;
  const auto tables = net_space::ask(place_.space, [&] {
    return run({.program = tools_.nft,
                .arguments = {"list", "ruleset", "bridge"},
                .output_bytes_max = bytes_max});
  });
  if (!tables)
    return fail(tables.error());
  return filter.is_loaded(tables->out);
}

error public_bridge::load(const public_filter& filter) const {
  const auto loaded = has(filter);
  if (!loaded)
    return loaded.error();
  if (*loaded)
    return {};
  if (auto stopped = pass(before_step_, "load filter"))
    return stopped;
  const auto done = net_space::ask(place_.space, [&] {
    return run({.program = tools_.nft,
                .arguments = {"-f", "-"},
                .input = filter.transaction()});
  });
  return done ? error{} : done.error();
}

// -- cards --------------------------------------------------------------------

error public_bridge::make_card(std::string_view machine) const {
  const auto bridge = look();
  if (!bridge)
    return bridge.error();
  const auto space = space_of(machine);
  const auto all = ip_program::links(tools_.ip, space);
  if (!all)
    return all.error();
  const std::string name = inner_bridge;
  const std::string tap = public_tap;
  const auto mtu = " mtu " + std::to_string(bridge->mtu);
  if (auto stopped = pass(before_step_, "make card"))
    return stopped;
  const auto lacks
    = [&](const std::string& link) { return find_link(*all, link) == nullptr; };
  return ip_program::batch(
    tools_.ip, space,
    (lacks(name) ? "link add " + name + " type bridge\n" : "")
      + (lacks(tap) ? "tuntap add dev " + tap + " mode tap user 0\n" : "")
      + "link set " + tap + " master " + name + mtu + '\n' + up(tap)
      + up(name));
}

expected<bool> public_bridge::is_connected(std::string_view id,
                                           std::string_view machine) const {
  const auto outside = ip_program::links(tools_.ip, place_.space);
  if (!outside)
    return fail(outside.error());
  const auto inside = ip_program::links(tools_.ip, space_of(machine));
  if (!inside)
    return fail(inside.error());
  const auto* port = find_link(*outside, port_of(id));
  const auto* end = find_link(*inside, plug);
  return port != nullptr && port->up && port->master == place_.bridge
         && port->alias == alias_of(id) && end != nullptr && end->up
         && end->master == inner_bridge;
}

error public_bridge::connect(std::string_view id,
                             std::string_view machine) const {
  const auto connected = is_connected(id, machine);
  if (!connected || *connected)
    return connected ? error{} : connected.error();
  const auto bridge = look();
  if (!bridge)
    return bridge.error();
  // An end whose other end hangs somewhere else is of no use.
  if (auto failed = disconnect(id))
    return failed;
  const auto space = space_of(machine);
  const auto port = port_of(id);
  const auto mtu = " mtu " + std::to_string(bridge->mtu);
  if (auto stopped = pass(before_step_, "lay public cable"))
    return stopped;
  // With the right packet size from the start: a smaller one would shrink the
  // bridge. A machine must not take part in how bridges agree on a tree.
  if (auto failed = ip_program::batch(
        tools_.ip, place_.space,
        "link add " + port + mtu + " type veth peer name " + plug + mtu
          + " netns " + space + "\nlink set " + port + " alias \""
          + alias_of(id) + "\"\nlink set " + port + " addrgenmode none\n"
          + "link set " + port + " master " + place_.bridge + "\nlink set "
          + port + " type bridge_slave guard on\n"))
    return failed;
  if (auto stopped = pass(before_step_, "plug public cable"))
    return stopped;
  if (auto failed
      = ip_program::batch(tools_.ip, space,
                          std::string{"link set "} + plug + " master "
                            + inner_bridge + '\n' + up(plug)))
    return failed;
  return ip_program::batch(tools_.ip, place_.space, up(port));
}

error public_bridge::disconnect(std::string_view id) const {
  const auto all = ip_program::links(tools_.ip, place_.space);
  if (!all)
    return all.error();
  const auto port = port_of(id);
  const auto* found = find_link(*all, port);
  if (found == nullptr)
    return {};
  // A crash can leave one of ours without its alias.
  if (!found->alias.empty() && found->alias != alias_of(id))
    return {errc::already_exists,
            "interface " + port + " is not ours but '" + found->alias + "'"};
  if (auto stopped = pass(before_step_, "remove public cable"))
    return stopped;
  const auto failed
    = ip_program::batch(tools_.ip, place_.space, "link delete " + port + '\n');
  if (!failed)
    return {};
  // With its namespace the kernel takes the other end, and this one, too.
  const auto left = ip_program::links(tools_.ip, place_.space);
  return left && find_link(*left, port) == nullptr ? error{} : failed;
}

expected<std::vector<std::string>> public_bridge::ports() const {
  const auto all = ip_program::links(tools_.ip, place_.space);
  if (!all)
    return fail(all.error());
  const auto mark = alias_of({});
  std::vector<std::string> ids;
  for (const auto& link : *all)
    if (link.alias.starts_with(mark))
      ids.push_back(link.alias.substr(mark.size()));
  return ids;
}

} // namespace provision
