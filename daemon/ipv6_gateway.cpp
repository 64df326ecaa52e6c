#include "daemon/ipv6_gateway.hpp"

#include <filesystem>
#include <memory>
#include <utility>

#include "actors/provisioners/ipv6_gateway.hpp"
#include "backends/host/ipv6_gateway_keeper.hpp"
#include "backends/host/ipv6_gateway_probe.hpp"
#include "config/listen_address.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// The back-end and who keeps it up; the keeper ends first.
struct kept_ipv6_gateway {
  std::unique_ptr<host_ipv6_gateway_backend> backend;
  std::unique_ptr<change_keeper> keeper;
};

void say_way_restored(const error& failure) {
  if (failure)
    log::error("the way into the IPv6 internet could not be restored: "
               + failure.message);
  else
    log::info("the way into the IPv6 internet is restored");
}

error keep_way_up(workload_site& site,
                  const std::shared_ptr<kept_ipv6_gateway>& kept) {
  auto keeper = keep_ipv6_gateway(*kept->backend, say_way_restored);
  if (!keeper)
    return keeper.error();
  kept->keeper = std::move(*keeper);
  site.bells[reservation_types::gateway4to6]
    = [kept] { kept->keeper->look_again(); };
  return {};
}

/// The node's own key may stay when the last client has gone.
bool has_clients(const std::string& folder) {
  std::error_code failure;
  for (const auto& one : std::filesystem::directory_iterator{folder, failure})
    if (one.path().extension() == ".client")
      return true;
  return false;
}

} // namespace

ipv6_gateway_terms ipv6_terms(const config::gateway_settings& settings) {
  const auto endpoint = config::parse_listen_address(settings.ipv6_endpoint);
  return {
    .bridge = settings.ipv6_bridge,
    .address = workloads::parse_cidr(settings.ipv6_address)
                 .value_or(workloads::ip_range{}),
    .router = workloads::parse_ip(settings.ipv6_router)
                .value_or(workloads::ip_address{}),
    .network = workloads::parse_cidr(settings.ipv6_network)
                 .value_or(workloads::ip_range{}),
    .endpoint = settings.ipv6_endpoint,
    .port = endpoint ? endpoint->port : std::uint16_t{0},
  };
}

error add_ipv6_gateway(engine_options& options, node_summary& summary,
                       workload_site& site, const config::node_config& settings,
                       const node_paths& paths) {
  namespace types = reservation_types;
  const auto& folder = paths.ipv6_gateway;
  const auto terms = ipv6_terms(settings.gateway);
  ipv6_gateway_ability found;
  std::string why = "gateway.ipv6_bridge is not set";
  // Most nodes are none: nothing is tried there.
  if (!terms.bridge.empty()) {
    found = probe_ipv6_gateway(terms, settings.networks.underlay);
    why = found.ability.state == ability::level::missing
            ? found.ability.reason + "; " + found.ability.remedy
            : "";
  }
  summary.ipv6 = why.empty() ? found.ability.technique : "none";
  if (!why.empty()) {
    const auto text = "this host leads nobody into the IPv6 internet: " + why;
    terms.bridge.empty() ? log::info(text) : log::warn(text);
    options.refusals[types::gateway4to6] = why;
    if (has_clients(folder))
      options.inventories.push_back(unseen(types::gateway4to6, folder));
    return {};
  }
  auto backend = host_ipv6_gateway_backend::open(
    {.node_id = options.node_id,
     .folder = folder,
     .underlay = settings.networks.underlay,
     .terms = terms,
     .tools = found.tools,
     .random = std::make_shared<sodium_entropy>()});
  if (!backend)
    return backend.error();
  const auto kept = std::make_shared<kept_ipv6_gateway>(
    kept_ipv6_gateway{std::move(*backend), {}});
  if (site.keeps_up)
    if (auto failed = keep_way_up(site, kept))
      return failed;
  const std::shared_ptr<host_ipv6_gateway_backend> way{kept,
                                                       kept->backend.get()};
  options.inventories.push_back(inventory_of(types::gateway4to6, way));
  options.provisioners[types::gateway4to6] = ipv6_gateway_functions(way);
  return {};
}

} // namespace provision
