#include "daemon/zdb.hpp"

#include <utility>

#include "actors/provisioners/zdb.hpp"
#include "backends/host/folder.hpp"
#include "backends/host/host_zdb_backend.hpp"
#include "config/listen_address.hpp"
#include "daemon/kept_processes.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Why this host can serve no namespaces; `found` if it can.
std::string obstacle(const config::zdb_settings& settings,
                     const std::string& folder, zdb_ability& found) {
  if (settings.listen.empty())
    return "zdb.listen is not set";
  if (const auto made = folder::make(folder); !made)
    return made.error().message;
  found = probe_zdb(folder, settings.server);
  if (found.ability.state == ability::level::missing)
    return found.ability.reason + "; " + found.ability.remedy;
  return {};
}

void tell_of_namespaces(node_summary& summary, const workload_site& site,
                        const ability& found) {
  summary.namespaces = found.technique;
  if (site.keeps_up && found.state == ability::level::degraded)
    log::warn("namespaces are served, but " + found.reason);
}

/// A server is nobody's workload: its end must not cost its namespaces' owners
/// what they hold, so it is brought back whatever has happened.
process_keeper::duties duties_of(host_zdb_backend& backend) {
  return {
    .restore
    = [&backend](const std::string& mode) { return backend.restore(mode); },
    .restored =
      [](const std::string& mode, const error& failure) {
        if (failure)
          log::error("a 0-db server could not be restored: " + failure.message,
                     {}, {{"mode", mode}});
        else
          log::info("0-db server restored", {}, {{"mode", mode}});
      },
    .lost =
      [&backend](const std::string& mode, const std::string& why) {
        log::error("a 0-db server " + why, {}, {{"mode", mode}});
        const auto done = backend.restore(mode);
        return done ? error{} : done.error();
      }};
}

} // namespace

error add_zdb(engine_options& options, node_summary& summary,
              workload_site& site, const config::node_config& settings,
              const node_paths& paths) {
  zdb_ability found;
  if (const auto why = obstacle(settings.zdb, paths.zdb, found); !why.empty()) {
    summary.namespaces = "none";
    log::info("this host serves no namespaces: " + why);
    options.refusals[reservation_types::zdb] = why;
    options.inventories.push_back(unseen(reservation_types::zdb, paths.zdb));
    return {};
  }
  tell_of_namespaces(summary, site, found.ability);
  const auto at = config::parse_listen_address(settings.zdb.listen);
  if (!at)
    return at.error();
  auto backend
    = host_zdb_backend::open({.node_id = options.node_id,
                              .folder = paths.zdb,
                              .pool = paths.volumes,
                              .tools = found.tools,
                              .groups = found.groups,
                              .address = at->host,
                              .port = at->port,
                              .random = std::make_shared<sodium_entropy>()});
  if (!backend)
    return backend.error();
  auto& own = **backend;
  auto kept = keep_up(std::move(*backend), site, {reservation_types::zdb},
                      duties_of(own));
  if (!kept)
    return kept.error();
  options.inventories.push_back(inventory_of(reservation_types::zdb, *kept));
  options.provisioners[reservation_types::zdb]
    = zdb_functions({.backend = *kept, .open_secret = site.open_secret});
  return {};
}

} // namespace provision
