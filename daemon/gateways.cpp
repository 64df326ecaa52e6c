#include "daemon/gateways.hpp"

#include <ctime>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "actors/provisioners/gateway.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/host_gateway_backend.hpp"
#include "backends/host/text_digest.hpp"
#include "config/listen_address.hpp"
#include "daemon/kept_processes.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

namespace types = reservation_types;

/// Why a part of the gateway is not served; empty if it is.
std::string obstacle(bool is_set, const std::string& key,
                     const ability& found) {
  if (!is_set)
    return key + " is not set";
  if (found.state == ability::level::missing)
    return found.reason + "; " + found.remedy;
  return {};
}

void tell(std::string& summary, const char* what, bool is_set,
          const std::string& why_not, const ability& found) {
  summary = why_not.empty() ? found.technique : "none";
  const auto text = "this host serves no " + std::string{what} + ": " + why_not;
  if (!why_not.empty())
    is_set ? log::warn(text) : log::info(text);
  else if (found.state == ability::level::degraded)
    log::warn(std::string{what} + " are served, but " + found.reason);
}

/// nginx and the router are nobody's workloads: whatever ends them, they are
/// brought back.
process_keeper::duties duties_of(host_gateway_backend& backend) {
  return {.restore
          = [&backend](const std::string& id) { return backend.restore(id); },
          .restored =
            [](const std::string& id, const error& failure) {
              if (failure)
                log::error(id + " could not be restored: " + failure.message);
              else
                log::info(id + " restored");
            },
          .lost =
            [&backend](const std::string& id, const std::string& why) {
              log::error(id + ' ' + why);
              const auto done = backend.restore(id);
              return done ? error{} : done.error();
            }};
}

std::vector<reservation_type> gateway_types() {
  return {types::proxy, types::reverse_proxy, types::subdomain,
          types::domain_delegate};
}

std::uint32_t seconds_now() {
  return static_cast<std::uint32_t>(std::time(nullptr));
}

/// As in the original's gateway; clients are told so.
constexpr std::uint16_t clients_port = 18000;

/// The address of either door.
std::string host_of(const config::gateway_settings& settings) {
  const auto at = config::parse_listen_address(
    settings.http_listen.empty() ? settings.tls_listen : settings.http_listen);
  return at ? at->host : "";
}

expected<std::shared_ptr<host_gateway_backend>>
open_backend(const std::string& node_id, workload_site& site,
             const config::gateway_settings& settings,
             const std::string& folder, const gateway_tools& tools) {
  std::optional<control_groups> groups;
  if (auto found = control_groups::find())
    groups = std::move(*found);
  auto backend = host_gateway_backend::open(
    {.node_id = node_id,
     .folder = folder,
     .tools = tools,
     .groups = std::move(groups),
     .http_listen = settings.http_listen,
     .tls_listen = settings.tls_listen,
     .clients_host = host_of(settings),
     .clients_port = clients_port,
     .door_folder = "/run/provisiond-" + text_digest(node_id),
     .zone_folder = settings.zone_folder,
     .zone_reload = settings.zone_reload,
     .name_servers = settings.name_servers,
     .domains = settings.domains,
     .is_own = is_address_of_host,
     .now = seconds_now});
  if (!backend)
    return fail(backend.error());
  // Settings may have changed, and files. What cannot be put right now is when
  // something is asked of it.
  if (!site.keeps_up)
    return std::shared_ptr<host_gateway_backend>{std::move(*backend)};
  if (const auto failed = (*backend)->refresh())
    log::error("the gateway is not as recorded: " + failed.message);
  auto& own = **backend;
  return keep_up(std::move(*backend), site, gateway_types(), duties_of(own));
}

void serve(engine_options& options, const reservation_type& type,
           const std::shared_ptr<host_gateway_backend>& backend,
           const workload_site& site) {
  options.provisioners[type]
    = gateway_functions({.backend = backend, .open_secret = site.open_secret});
  options.inventories.push_back(
    {.type = type,
     .list = [backend, type] { return backend->list(type); },
     .remove
     = [backend](
         const held_object& what) { return backend->destroy(what.id); }});
}

} // namespace

error add_gateways(engine_options& options, node_summary& summary,
                   workload_site& site, const config::node_config& whole,
                   const node_paths& paths) {
  const auto& settings = whole.gateway;
  const auto& folder = paths.gateway;
  const bool listens
    = !settings.http_listen.empty() || !settings.tls_listen.empty();
  const bool has_zones = !settings.zone_folder.empty();
  gateway_ability found;
  // Most nodes are no gateways: nothing is tried there. One that was is made to
  // stop listening.
  std::error_code failure;
  const bool was_one = std::filesystem::exists(folder, failure);
  if (listens || has_zones || was_one) {
    if (const auto made = folder::make(folder); !made)
      return made.error();
    found = probe_gateway(folder, settings.nginx);
  }
  const auto no_proxies = obstacle(
    listens, "gateway.http_listen or gateway.tls_listen", found.proxies);
  const auto no_tunnels = obstacle(
    listens, "gateway.http_listen or gateway.tls_listen", found.tunnels);
  const auto no_zones = obstacle(has_zones, "gateway.zone_folder", found.zones);
  if (site.keeps_up) {
    tell(summary.proxies, "proxies", listens, no_proxies, found.proxies);
    tell(summary.zones, "zones", has_zones, no_zones, found.zones);
  }
  const std::vector<std::pair<reservation_type, std::string>> wanted{
    {types::proxy, no_proxies},
    {types::reverse_proxy, no_tunnels},
    {types::subdomain, no_zones},
    {types::domain_delegate, no_zones}};
  for (const auto& [type, why_not] : wanted)
    if (!why_not.empty())
      options.refusals[type] = why_not;
  if (found.tools.shim.empty())
    return {};
  auto kept
    = open_backend(options.node_id, site, settings, folder, found.tools);
  if (!kept)
    return kept.error();
  for (const auto& [type, why_not] : wanted)
    if (why_not.empty())
      serve(options, type, *kept, site);
  return {};
}

} // namespace provision
