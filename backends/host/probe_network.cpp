#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include "backends/host/command.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/network_tools.hpp"

namespace provision {

namespace {

constexpr std::chrono::milliseconds patience{5000};

constexpr auto sample_links = R"(link add probe0 type bridge
link add probe1 type veth peer name probe2
link set probe1 master probe0
)";

constexpr auto sample_filter = R"(table inet probe {
  chain passing { type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "probe0" ip saddr != 10.0.0.0/8 drop
  }
}
)";

/// What failed on the way, and what would help.
struct obstacle {
  std::string reason = {};
  std::string remedy = {};

  explicit operator bool() const noexcept { return !reason.empty(); }
};

obstacle find_tools(network_tools& tools) {
  if (auto missing = find_programs({{tools.ip, "ip", "iproute2"},
                                    {tools.nft, "nft", "nftables"},
                                    {tools.wg, "wg", "wireguard-tools"}}))
    return {missing->reason, missing->remedy};
  return {};
}

/// The kernel's own device, or the error of asking for it.
error try_kernel_wireguard(const network_tools& tools) {
  const auto made
    = run({.program = tools.ip,
           .arguments = {"link", "add", "probe3", "type", "wireguard"},
           .deadline = patience});
  return made ? error{} : made.error();
}

/// What a program in user space needs to be a network device.
error try_tun() {
  const file_descriptor tun{::open("/dev/net/tun", O_RDWR | O_CLOEXEC)};
  if (!tun)
    return last_system_error("open /dev/net/tun");
  ifreq wish = {};
  std::strcpy(wish.ifr_name, "probe4");
  wish.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (::ioctl(tun.number(), TUNSETIFF, &wish) != 0)
    return last_system_error("make a tunnel device");
  return {};
}

obstacle try_wireguard(network_ability& found) {
  const auto refused = try_kernel_wireguard(found.tools);
  if (!refused) {
    found.ability.technique = "kernel WireGuard";
    return {};
  }
  const auto why = "no WireGuard in the kernel (" + refused.message + ')';
  const auto program = find_program("wireguard-go", "wireguard-go");
  if (!program)
    return {why + "; " + program.error().message,
            "load the kernel module wireguard or install the package "
            "wireguard-go"};
  if (auto err = try_tun())
    return {why + "; " + err.message, "load the kernel module tun"};
  if (auto runs = run({.program = *program,
                       .arguments = {"--version"},
                       .deadline = patience});
      !runs)
    return {why + "; " + runs.error().message,
            "install the package wireguard-go anew"};
  found.tools.wireguard_go = *program;
  found.ability = {.state = ability::level::degraded,
                   .technique = "wireguard-go",
                   .reason = why,
                   .remedy = "load the kernel module wireguard: it is "
                             "faster"};
  return {};
}

obstacle try_all(network_ability& found) {
  if (auto made = run({.program = found.tools.ip,
                       .arguments = {"-batch", "-"},
                       .input = sample_links,
                       .deadline = patience});
      !made)
    return {made.error().message, "load the kernel modules bridge and veth"};
  if (auto made = run({.program = found.tools.nft,
                       .arguments = {"-f", "-"},
                       .input = sample_filter,
                       .deadline = patience});
      !made)
    return {made.error().message, "load the kernel module nf_tables"};
  return try_wireguard(found);
}

} // namespace

network_ability probe_network() {
  network_ability found;
  found.ability.state = ability::level::ok;
  auto obstructed = find_tools(found.tools);
  if (!obstructed) {
    const auto outside
      = net_space::visit_fresh([&] { obstructed = try_all(found); });
    if (outside)
      obstructed = {outside.message, "run as root"};
  }
  if (obstructed)
    found.ability = {.state = ability::level::missing,
                     .reason = obstructed.reason,
                     .remedy = obstructed.remedy};
  return found;
}

} // namespace provision
