#include "daemon/public_ips.hpp"

#include <utility>

#include "actors/provisioners/public_ip.hpp"
#include "backends/host/host_public_ip_backend.hpp"
#include "backends/host/public_keeper.hpp"
#include "backends/host/public_probe.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// The back-end and who keeps its addresses up; the keeper ends first.
struct kept_public_ips {
  std::unique_ptr<host_public_ip_backend> backend;
  std::unique_ptr<change_keeper> keeper;
};

void say_restored(const error& failure) {
  if (failure)
    log::error("public addresses could not be restored: " + failure.message);
  else
    log::info("public addresses restored");
}

/// Both were checked with the configuration.
std::optional<workloads::ip_address> network_of(const std::string& range) {
  const auto read = workloads::parse_cidr(range);
  if (!read || read->address.family == workloads::ip_address::kind::none)
    return std::nullopt;
  return read->address;
}

} // namespace

error add_public_ips(engine_options& options, node_summary& summary,
                     workload_site& site, const config::node_config& settings,
                     const node_paths& paths) {
  const auto& wanted = settings.public_addresses;
  const public_place place{.node_id = options.node_id,
                           .space = settings.networks.underlay,
                           .bridge = wanted.bridge};
  const auto found = probe_public_ips(place);
  site.why_no_public_ips = found.ability.reason;
  if (found.ability.state == ability::level::missing) {
    summary.public_ips = "none";
    const auto why = found.ability.reason + "; " + found.ability.remedy;
    // Most nodes have no public network of their own.
    if (wanted.bridge.empty())
      log::info("this host has no public addresses: " + why);
    else
      log::warn("this host can give away no public addresses: " + why);
    options.refusals[reservation_types::public_ip] = why;
    return {};
  }
  summary.public_ips = found.ability.technique;
  auto backend = host_public_ip_backend::open(
    {.place = place,
     .gateway
     = workloads::parse_ip(wanted.gateway).value_or(workloads::ip_address{}),
     .ipv6_network = network_of(wanted.ipv6_network),
     .folder = paths.public_ips,
     .tools = found.tools});
  if (!backend)
    return backend.error();
  auto kept = std::make_shared<kept_public_ips>(
    kept_public_ips{std::move(*backend), {}});
  // It hears from the kernel what other processes do: it has no bell.
  if (site.keeps_up) {
    auto keeper = keep_public_ips(*kept->backend, say_restored);
    if (!keeper)
      return keeper.error();
    kept->keeper = std::move(*keeper);
  }
  site.public_ips = {kept, kept->backend.get()};
  options.inventories.push_back(
    inventory_of(reservation_types::public_ip, site.public_ips));
  options.provisioners[reservation_types::public_ip]
    = public_ip_functions(site.public_ips);
  return {};
}

} // namespace provision
