#include <algorithm>
#include <chrono>

#include "config/key_table.hpp"
#include "config/listen_address.hpp"
#include "config/node_config.hpp"
#include "config/quantity.hpp"
#include "messages/workloads/domain_name.hpp"

namespace provision::config {
namespace {

error broken(std::string what) {
  return {errc::invalid_configuration, std::move(what)};
}

/// What each key's own rule says. Settings need not come from a file: the
/// command line and embedders fill them too.
error check_each_key(const node_config& settings) {
  for (const auto& row : key_table()) {
    const auto complaint = row.complaint(settings);
    if (!complaint.empty())
      return broken(std::string{row.key} + ": " + complaint
                    + " (allowed: " + row.allowed + ")");
  }
  return {};
}

error check_order(std::string_view key, std::chrono::milliseconds first,
                  std::chrono::milliseconds longest) {
  if (first <= longest)
    return {};
  const std::string name{key};
  return broken(name + ": " + format_duration(first) + " is longer than " + name
                + "_max, " + format_duration(longest));
}

error check_sources(const node_config& settings) {
  if (settings.explorer.url.empty() && settings.replay.file.empty())
    return broken("explorer.url: there is no source of reservations; set "
                  "explorer.url or replay.file");
  return {};
}

error check_ca_file(const explorer_settings& explorer) {
  if (explorer.ca_file.empty() || explorer.url.starts_with("https://"))
    return {};
  return broken("explorer.ca_file: has no effect, because explorer.url does "
                "not start with https://");
}

error check_images(const container_settings& containers) {
  if (containers.image_size_max <= containers.images_size_max)
    return {};
  return broken("containers.image_size_max: is more than "
                "containers.images_size_max: one image would not fit");
}

error check_metrics(const metrics_settings& metrics) {
  if (metrics.listen.empty() || metrics.reach == metrics_reach::anywhere)
    return {};
  const auto at = parse_listen_address(metrics.listen);
  if (at && at->is_loopback)
    return {};
  return broken("metrics.listen: other hosts can reach " + metrics.listen
                + "; set metrics.reach = \"anywhere\" if they may");
}

error check_dashboard(const dashboard_settings& dashboard) {
  if (dashboard.listen.empty())
    return {};
  const auto at = parse_listen_address(dashboard.listen);
  if (at && at->is_loopback)
    return {};
  return broken("dashboard.listen: other hosts can reach " + dashboard.listen
                + "; listen on 127.0.0.1 and let a proxy or ssh ask who they "
                  "are");
}

error check_zdb(const zdb_settings& zdb) {
  if (zdb.listen.empty())
    return {};
  const auto at = parse_listen_address(zdb.listen);
  if (!at)
    return broken("zdb.listen: " + at.error().message);
  if (at->host == "0.0.0.0" || at->host == "::")
    return broken("zdb.listen: " + zdb.listen
                  + " is told to owners of namespaces, who cannot connect to "
                    "it; name an address of this host");
  if (at->port == 0 || at->port == 65535)
    return broken("zdb.listen: " + zdb.listen
                  + " has no room for two ports; name one from 1 to 65534");
  return {};
}

error check_gateway(const gateway_settings& gateway) {
  const bool has_zones = !gateway.zone_folder.empty();
  if (has_zones && gateway.name_servers.empty())
    return broken("gateway.name_servers: is needed with gateway.zone_folder");
  if (!has_zones && !gateway.domains.empty())
    return broken("gateway.domains: have no effect without "
                  "gateway.zone_folder");
  for (const auto& server : gateway.name_servers)
    for (const auto& domain : gateway.domains)
      if (workloads::is_in_domain(server, domain))
        return broken("gateway.name_servers: " + server + " is in " + domain
                      + " of gateway.domains, where users take names; name it "
                        "elsewhere");
  if (!gateway.http_listen.empty() && gateway.http_listen == gateway.tls_listen)
    return broken("gateway.tls_listen: is where gateway.http_listen is");
  return {};
}

error check_ipv6(const gateway_settings& gateway) {
  const std::pair<std::string_view, const std::string&> others[]
    = {{"ipv6_address", gateway.ipv6_address},
       {"ipv6_router", gateway.ipv6_router},
       {"ipv6_network", gateway.ipv6_network},
       {"ipv6_endpoint", gateway.ipv6_endpoint}};
  for (const auto& [key, value] : others) {
    const auto name = "gateway." + std::string{key};
    if (value.empty() && !gateway.ipv6_bridge.empty())
      return broken(name + ": is needed with gateway.ipv6_bridge");
    if (!value.empty() && gateway.ipv6_bridge.empty())
      return broken(name + ": has no effect without gateway.ipv6_bridge");
  }
  const auto at = parse_listen_address(gateway.ipv6_endpoint);
  if (at && at->port == 0)
    return broken("gateway.ipv6_endpoint: needs a port that clients can be "
                  "told");
  return {};
}

error check_worker_files(const worker_settings& workers, std::string_view why) {
  const std::pair<std::string_view, const std::string&> files[]
    = {{"certificate", workers.certificate},
       {"key", workers.key},
       {"authority", workers.authority}};
  for (const auto& [key, value] : files)
    if (value.empty())
      return broken("workers." + std::string{key} + ": has to name a file, "
                    + "because " + std::string{why} + " is set");
  return {};
}

/// A type has one place. `where`: of the worker on another host.
error check_remote(const node_config& settings, const std::string& type,
                   const std::string& where) {
  if (where.empty())
    return {};
  const auto& isolated = settings.provisioners.isolate;
  if (std::ranges::find(isolated, type) != isolated.end())
    return broken("workers." + type
                  + ": provisioners.isolate lets a worker of this host serve "
                  + type + "; set one of the two");
  return check_worker_files(settings.workers, "workers." + type);
}

error check_remote_workers(const node_config& settings) {
  const auto& workers = settings.workers;
  if (auto failure = check_remote(settings, "volume", workers.volume))
    return failure;
  if (auto failure = check_remote(settings, "zdb", workers.zdb))
    return failure;
  const bool turns = settings.volumes.disk == "hdd";
  if (!workers.volume.empty()
      && (turns ? settings.capacity.hru : settings.capacity.sru) == 0)
    return broken(std::string{turns ? "capacity.hru" : "capacity.sru"}
                  + ": has to say how much the host of workers.volume offers");
  if (!workers.zdb.empty() && !settings.zdb.listen.empty())
    return broken("zdb.listen: belongs into the configuration of the host of "
                  "workers.zdb, which serves namespaces for this node");
  return {};
}

error check_offered_worker(const worker_settings& workers) {
  if (workers.listen.empty())
    return {};
  if (workers.daemon.empty())
    return broken("workers.daemon: has to name whom workers.listen is for");
  return check_worker_files(workers, "workers.listen");
}

error check_public(const public_settings& open) {
  if (open.bridge.empty() || !open.gateway.empty())
    return {};
  return broken("public.gateway: is needed with public.bridge");
}

} // namespace

std::string why_not_isolated(std::string_view type) {
  if (std::ranges::find(isolatable_types, type) != isolatable_types.end())
    return {};
  if (type == "debug")
    return "type debug has no worker: it hands on the daemon's own log, from "
           "inside it; leave it out";
  std::string all;
  for (const auto& one : isolatable_types)
    all.append(all.empty() ? "" : ", ").append(one);
  return "type " + std::string{type} + " has no worker; these have: " + all;
}

error validate_workers(const node_config& settings) {
  if (auto failure = check_each_key(settings))
    return failure;
  if (auto failure = check_remote_workers(settings))
    return failure;
  return check_offered_worker(settings.workers);
}

error validate(const node_config& settings) {
  if (auto failure = validate_workers(settings))
    return failure;
  const auto& explorer = settings.explorer;
  if (auto failure = check_order("explorer.retry_delay", explorer.retry_delay,
                                 explorer.retry_delay_max))
    return failure;
  const auto& engine = settings.engine;
  if (auto failure
      = check_order("engine.removal_retry_delay", engine.removal_retry_delay,
                    engine.removal_retry_delay_max))
    return failure;
  if (auto failure = check_order("engine.retry_delay", engine.retry_delay,
                                 engine.retry_delay_max))
    return failure;
  if (auto failure = check_order("supervision.probe_delay", engine.probe_delay,
                                 engine.probe_delay_max))
    return failure;
  if (auto failure = check_ca_file(explorer))
    return failure;
  if (auto failure = check_images(settings.containers))
    return failure;
  if (auto failure = check_metrics(settings.metrics))
    return failure;
  if (auto failure = check_public(settings.public_addresses))
    return failure;
  if (auto failure = check_dashboard(settings.dashboard))
    return failure;
  if (auto failure = check_zdb(settings.zdb))
    return failure;
  if (auto failure = check_gateway(settings.gateway))
    return failure;
  if (auto failure = check_ipv6(settings.gateway))
    return failure;
  return check_sources(settings);
}

} // namespace provision::config
