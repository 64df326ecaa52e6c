#include "daemon/networks.hpp"

#include <memory>
#include <utility>

#include "actors/provisioners/network.hpp"
#include "backends/host/host_network_backend.hpp"
#include "backends/host/network_keeper.hpp"
#include "backends/host/network_tools.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// The back-end and who keeps its networks up; the keeper ends first.
struct kept_networks {
  std::unique_ptr<host_network_backend> backend;
  std::unique_ptr<network_keeper> keeper;
};

void say_restored(const std::string& id, const error& failure) {
  if (failure)
    log::error("a network could not be restored: " + failure.message, id);
  else
    log::info("network restored", id);
}

error keep_up(workload_site& site, const std::shared_ptr<kept_networks>& kept) {
  auto keeper = network_keeper::start(*kept->backend, say_restored);
  if (!keeper)
    return keeper.error();
  kept->keeper = std::move(*keeper);
  for (const auto& type :
       {reservation_types::network, reservation_types::network_resource})
    site.bells[type] = [kept] { kept->keeper->look_again(); };
  return {};
}

} // namespace

error add_networks(engine_options& options, node_summary& summary,
                   workload_site& site, const config::node_config& settings,
                   const node_paths& paths) {
  auto found = probe_network();
  if (found.ability.state == ability::level::missing) {
    summary.networks = "none";
    auto why = found.ability.reason + "; " + found.ability.remedy;
    log::warn("this host can make no networks: " + why);
    options.refusals[reservation_types::network] = why;
    options.refusals[reservation_types::network_resource] = why;
    return {};
  }
  summary.networks = found.ability.technique;
  auto backend
    = host_network_backend::open({.node_id = options.node_id,
                                  .folder = paths.networks,
                                  .underlay = settings.networks.underlay,
                                  .tools = found.tools,
                                  .open_key = site.open_network_key});
  if (!backend)
    return backend.error();
  auto kept
    = std::make_shared<kept_networks>(kept_networks{std::move(*backend), {}});
  if (site.keeps_up)
    if (auto failed = keep_up(site, kept))
      return failed;
  site.networks = {kept, kept->backend.get()};
  auto functions = network_functions(site.networks);
  options.inventories.push_back(
    {.type = reservation_types::network_resource,
     .list = [networks = site.networks] { return networks->list(); },
     .remove =
       [networks = site.networks](const held_object& what) {
         return networks->destroy(what.what, what.id);
       }});
  options.provisioners[reservation_types::network] = functions;
  options.provisioners[reservation_types::network_resource] = functions;
  return {};
}

} // namespace provision
