#include <chrono>

#include "backends/host/command.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/public_filter.hpp"
#include "backends/host/public_probe.hpp"

namespace provision {

namespace {

constexpr std::chrono::milliseconds patience{5000};

constexpr auto sample_links = R"(link add probe0 type bridge
link add probe1 type veth peer name probe2
link set probe1 master probe0
link set probe1 type bridge_slave guard on
tuntap add dev probe3 mode tap user 0
)";

std::string sample_filter() {
  const workloads::ip_address sample{.family = workloads::ip_address::kind::v4,
                                     .bytes = {192, 0, 2, 2}};
  return public_filter{
    "provision_probe", {{.name = "probe1", .address = sample}}, {}}
    .transaction();
}

ability missing(std::string reason, std::string remedy) {
  return {.state = ability::level::missing,
          .reason = std::move(reason),
          .remedy = std::move(remedy)};
}

ability find_tools(network_tools& tools) {
  if (auto lacks = find_programs(
        {{tools.ip, "ip", "iproute2"}, {tools.nft, "nft", "nftables"}}))
    return missing(lacks->reason, lacks->remedy);
  return {.state = ability::level::ok};
}

ability try_all(const network_tools& tools) {
  const auto links = run({.program = tools.ip,
                          .arguments = {"-batch", "-"},
                          .input = sample_links,
                          .deadline = patience});
  if (!links)
    return missing(links.error().message,
                   "load the kernel modules bridge, veth and tun");
  const auto filter = run({.program = tools.nft,
                           .arguments = {"-f", "-"},
                           .input = sample_filter(),
                           .deadline = patience});
  if (!filter)
    return missing(filter.error().message,
                   "load the kernel modules nf_tables and nf_tables_bridge");
  return {.state = ability::level::ok, .technique = "nftables on a bridge"};
}

} // namespace

public_ability probe_public_ips(const public_place& place) {
  public_ability found;
  found.ability = find_tools(found.tools);
  if (found.ability.state == ability::level::missing)
    return found;
  const auto outside
    = net_space::visit_fresh([&] { found.ability = try_all(found.tools); });
  if (outside)
    found.ability = missing(outside.message, "run as root");
  if (found.ability.state == ability::level::missing)
    return found;
  if (place.bridge.empty()) {
    found.ability
      = missing("there is no bridge to the public network; "
                  + found.ability.technique + " would guard its ports",
                "set public.bridge and public.gateway");
    return found;
  }
  const step_hook no_hook;
  if (const auto bridge = public_bridge{found.tools, place, no_hook}.look();
      !bridge)
    found.ability = missing(bridge.error().message,
                            "make the bridge with the uplink as a port, or "
                            "set public.bridge to the one there is");
  return found;
}

} // namespace provision
