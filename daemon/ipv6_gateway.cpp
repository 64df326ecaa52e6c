#include "daemon/ipv6_gateway.hpp"

#include <filesystem>
#include <memory>
#include <utility>

#include "actors/provisioners/ipv6_gateway.hpp"
#include "backends/host/ipv6_gateway_keeper.hpp"
#include "backends/host/ipv6_gateway_probe.hpp"
#include "config/listen_address.hpp"
#include "daemon/workload_site.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// The back-end and who keeps it up; the keeper ends first.
struct kept_ipv6_gateway {
  std::unique_ptr<host_ipv6_gateway_backend> backend;
  std::unique_ptr<ipv6_gateway_keeper> keeper;
};

void say_way_restored(const error& failure) {
  if (failure)
    log::error("the way into the IPv6 internet could not be restored: "
               + failure.message);
  else
    log::info("the way into the IPv6 internet is restored");
}

expected<std::shared_ptr<host_ipv6_gateway_backend>>
keep_way_up(host_ipv6_gateway_options options) {
  auto backend = host_ipv6_gateway_backend::open(std::move(options));
  if (!backend)
    return fail(backend.error());
  auto keeper = ipv6_gateway_keeper::start(**backend, say_way_restored);
  if (!keeper)
    return fail(keeper.error());
  auto kept = std::make_shared<kept_ipv6_gateway>(
    kept_ipv6_gateway{std::move(*backend), std::move(*keeper)});
  return std::shared_ptr<host_ipv6_gateway_backend>{kept, kept->backend.get()};
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
                       const config::node_config& settings,
                       const std::string& folder) {
  namespace types = reservation_types;
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
  auto backend = keep_way_up({.node_id = options.node_id,
                              .folder = folder,
                              .underlay = settings.networks.underlay,
                              .terms = terms,
                              .tools = found.tools,
                              .random = std::make_shared<sodium_entropy>()});
  if (!backend)
    return backend.error();
  options.inventories.push_back(inventory_of(types::gateway4to6, *backend));
  options.provisioners[types::gateway4to6] = ipv6_gateway_functions(*backend);
  return {};
}

} // namespace provision
