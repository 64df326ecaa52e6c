#include "daemon/networks.hpp"

#include <memory>
#include <string_view>
#include <utility>

#include "actors/provisioners/network.hpp"
#include "backends/host/host_network_backend.hpp"
#include "backends/host/network_keeper.hpp"
#include "backends/host/network_tools.hpp"
#include "identity/secret_box.hpp"
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

} // namespace

error add_networks(engine_options& options, node_summary& summary,
                   workload_site& site,
                   const config::network_settings& settings,
                   const std::string& folder, const node_key& key) {
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
  auto backend = host_network_backend::open(
    {.node_id = options.node_id,
     .folder = folder,
     .underlay = settings.underlay,
     .tools = found.tools,
     // The network module of the original always takes a sealed box, whatever
     // the version.
     .open_key = [key](std::string_view sealed) {
       return secret_box::decrypt_text(0, sealed, key, {});
     }});
  if (!backend)
    return backend.error();
  auto keeper = network_keeper::start(**backend, say_restored);
  if (!keeper)
    return keeper.error();
  auto kept = std::make_shared<kept_networks>(
    kept_networks{std::move(*backend), std::move(*keeper)});
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
