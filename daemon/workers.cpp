#include "daemon/workers.hpp"

#include <algorithm>
#include <ostream>
#include <utility>

#include "actors/workers/worker_contact.hpp"
#include "backends/host/spawned_worker.hpp"
#include "daemon/commands.hpp"
#include "daemon/remote_workers.hpp"
#include "daemon/workload_parts.hpp"
#include "logging/log.hpp"

namespace provision {

namespace types = reservation_types;

namespace {

expected<std::string> revealed(const expected<secret>& opened) {
  if (!opened)
    return fail(opened.error());
  return std::string{opened->reveal()};
}

error too_much(const worker_question& what) {
  return {errc::invalid_reservation,
          "the worker asks for what is not its business: " + what.id};
}

std::function<void()> bell_of(const workload_site& site,
                              const reservation_type& type) {
  const auto found = site.bells.find(type);
  return found == site.bells.end() ? std::function<void()>{} : found->second;
}

/// What is held here and there. Only who holds something can remove it.
inventory joined(inventory here, inventory there) {
  return {.type = here.type,
          .list = [here, there]() -> expected<std::vector<held_object>> {
            auto all = here.list();
            if (!all)
              return all;
            const auto more = there.list();
            if (!more)
              return more;
            all->insert(all->end(), more->begin(), more->end());
            return all;
          },
          .remove =
            [here, there](const held_object& what) {
              const auto held = here.list();
              if (!held)
                return held.error();
              const bool is_here
                = std::ranges::find(*held, what.id, &held_object::id)
                  != held->end();
              return is_here ? here.remove(what) : there.remove(what);
            }};
}

error place_remote(engine_options& options, const workload_site& site,
                   const config::worker_settings& settings,
                   const reservation_type& type, const std::string& where) {
  auto launch = dial_remote_worker(settings, where);
  if (!launch)
    return launch.error();
  const auto contact = std::make_shared<worker_contact>();
  options.provisioners.erase(type);
  options.refusals.erase(type);
  options.workers[type] = {.launch = std::move(*launch),
                           .counsel = counsel_of_remote(site),
                           .contact = contact,
                           .runs_always = true};
  const auto here
    = std::ranges::find(options.inventories, type, &inventory::type);
  if (here != options.inventories.end())
    *here = joined(std::move(*here), inventory_of_worker(type, contact));
  return {};
}

/// What a worker has instead of the rest of the node.
workload_site site_of_worker(const config::node_config& settings,
                             const std::shared_ptr<daemon_line>& daemon) {
  workload_site site;
  // A daemon on another host can look after nothing here.
  site.keeps_up = !settings.workers.listen.empty();
  site.open_secret = [daemon](const reservation& r, std::string_view sealed) {
    return daemon->open_secret(r, sealed);
  };
  site.open_network_key = [daemon](std::string_view sealed) {
    return daemon->open_network_key(sealed);
  };
  site.owner = [daemon](const reservation_type& type, const std::string& id) {
    return daemon->owner(type, id);
  };
  return site;
}

} // namespace

worker_counsel counsel_of_own(const workload_site& site) {
  return [open_secret = site.open_secret, open_key = site.open_network_key,
          owner = site.owner](const worker_question& what,
                              const reservation* about) {
    if (what.need == worker_need::network_key)
      return revealed(open_key(what.text));
    if (what.need == worker_need::owner)
      return owner(reservation_type{what.text}, what.id);
    if (about == nullptr)
      return expected<std::string>{fail(too_much(what))};
    return revealed(open_secret(*about, what.text));
  };
}

worker_counsel counsel_of_remote(const workload_site& site) {
  return [open_secret = site.open_secret](const worker_question& what,
                                          const reservation* about) {
    if (what.need != worker_need::secret || about == nullptr
        || what.text.empty()
        || about->data.find(what.text) == std::string::npos)
      return expected<std::string>{fail(too_much(what))};
    return revealed(open_secret(*about, what.text));
  };
}

worker_launcher own_worker(const config::node_config& settings,
                           const reservation_type& type) {
  return spawn_worker({.arguments = {"provisiond", "worker", "--type",
                                     type.name, "--config", "/dev/stdin"},
                       .input = config::write(settings)});
}

error place_workers(engine_options& options, node_summary& summary,
                    workload_site& site, const config::node_config& settings) {
  for (const auto& name : settings.provisioners.isolate) {
    const reservation_type type{name};
    // What the host cannot do is refused, by whomever.
    if (options.provisioners.erase(type) == 0)
      continue;
    options.workers[type] = {.launch = own_worker(settings, type),
                             .counsel = counsel_of_own(site),
                             .on_change = bell_of(site, type)};
  }
  const auto& elsewhere = settings.workers;
  if (!elsewhere.volume.empty()) {
    summary.volumes = "by the worker at " + elsewhere.volume;
    if (auto failed = place_remote(options, site, elsewhere, types::volume,
                                   elsewhere.volume))
      return failed;
  }
  if (!elsewhere.zdb.empty()) {
    summary.namespaces = "by the worker at " + elsewhere.zdb;
    if (auto failed
        = place_remote(options, site, elsewhere, types::zdb, elsewhere.zdb))
      return failed;
  }
  return {};
}

expected<worker_duties>
make_worker_duties(const config::node_config& settings,
                   const reservation_type& type, const std::string& node_id,
                   const std::shared_ptr<daemon_line>& daemon) {
  engine_options options;
  options.node_id = node_id;
  node_summary summary;
  auto site = site_of_worker(settings, daemon);
  const node_paths paths{settings};
  for (const auto& part : parts_for(type))
    if (auto failed = part.add(options, summary, site, settings, paths))
      return fail(std::move(failed));
  const auto served = options.provisioners.find(type);
  if (served == options.provisioners.end())
    return fail(errc::host_unavailable, options.refusals[type]);
  worker_duties duties{.functions = std::move(served->second)};
  if (type == types::volume)
    duties.holdings = inventory_of(type, site.volumes);
  for (auto& one : options.inventories)
    if (one.type == type)
      duties.holdings = std::move(one);
  return duties;
}

namespace commands {

namespace {

/// For the daemon of another host.
int offer(const config::node_config& settings, const reservation_type& type,
          std::ostream& err) {
  auto broken = config::validate_workers(settings);
  if (!broken)
    broken = why_not_elsewhere(type);
  if (broken) {
    err << "provisiond: " << broken.message << '\n';
    return 2;
  }
  if (const auto failure = offer_worker(settings, own_worker(settings, type))) {
    err << "provisiond: " << to_string(failure) << '\n';
    return failure.code == errc::invalid_configuration ? 2 : 1;
  }
  return 0;
}

} // namespace

int worker(const config::node_config& settings, const std::string& type,
           std::ostream& err) {
  const reservation_type served{type};
  if (const auto why = config::why_not_isolated(type); !why.empty()) {
    err << "provisiond: " << why << '\n';
    return 2;
  }
  if (!is_worker_socket(worker_socket)) {
    if (!settings.workers.listen.empty())
      return offer(settings, served, err);
    err << "provisiond: a worker is started by its daemon; set "
           "provisioners.isolate = [\""
        << type
        << "\"] and run provisiond, or workers.listen to serve the daemon of "
           "another host\n";
    return 2;
  }
  become_worker(type);
  serve_as_worker(worker_socket, served,
                  [&](const std::string& node_id,
                      const std::shared_ptr<daemon_line>& daemon) {
                    return make_worker_duties(settings, served, node_id,
                                              daemon);
                  });
}

} // namespace commands

} // namespace provision
