#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>
#include <utility>

#include "actors/recording/recorder.hpp"
#include "actors/sources/poll_source.hpp"
#include "actors/sources/replay_source.hpp"
#include "backends/host/disk_kind.hpp"
#include "backends/host/output_files.hpp"
#include "backends/host/probe_host.hpp"
#include "daemon/debug.hpp"
#include "daemon/host_capacity.hpp"
#include "daemon/node.hpp"
#include "daemon/workers.hpp"
#include "daemon/workload_parts.hpp"
#include "daemon/workload_site.hpp"
#include "explorer/dated_transport.hpp"
#include "explorer/http/beast_transport.hpp"
#include "explorer/http/proxy.hpp"
#include "identity/key_file.hpp"
#include "identity/secret_box.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "identity/user_keys.hpp"
#include "logging/log.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision {

namespace {

/// Uniform in [0, 1), for jitter; seeded by the machine.
std::function<double()> jitter() {
  return [engine = std::mt19937_64{std::random_device{}()}]() mutable {
    return std::uniform_real_distribution<double>{}(engine);
  };
}

error make_folder(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure)
    return {errc::storage_failure,
            path + ": cannot be created: " + failure.message(),
            failure.value()};
  return {};
}

/// Lets the engine hear what time it is for the explorer.
std::shared_ptr<http_transport>
listen_to_clock(engine_options& options,
                std::shared_ptr<http_transport> transport) {
  if (options.clock_trust.explorer_date == config::second_opinion::off)
    return transport;
  auto told = std::make_shared<told_time>();
  options.explorer_time = told;
  return hear_dates(std::move(transport), [told](timestamp said) {
    told->tell(said, std::chrono::steady_clock::now());
  });
}

error add_explorer(engine_options& options, node& made,
                   const config::explorer_settings& settings) {
  if (settings.url.empty())
    return {};
  auto polls = made.polls = std::make_shared<poll_numbers>();
  auto transport = make_http_transport(
    {.url = settings.url,
     .connections = settings.connections,
     .quick_answer = settings.quick_answer,
     .response_bytes_max = settings.response_bytes_max,
     .ca_file = settings.ca_file,
     .proxy = proxy_from_environment(
       [](const char* name) -> const char* { return std::getenv(name); })});
  if (!transport)
    return transport.error();
  auto client = std::make_shared<explorer_client>(
    listen_to_clock(options, *transport), settings.url, options.node_id,
    options.signer, options.clock);
  options.feedback = client;
  options.keys
    = std::make_shared<user_keys>(client, options.clock, user_keys::settings{});
  options.reports.in_flight_max = settings.reports_in_flight;
  options.reports.retry
    = {.first = settings.retry_delay, .max = settings.retry_delay_max};
  options.reports.random = jitter();
  options.sources.push_back(
    {"explorer",
     [client, settings, id = options.node_id, polls,
      clock = options.clock](caf::actor_system& system, std::uint64_t cursor) {
       return source_actor{
         system.spawn(poll_source, client,
                      poll_source_options{.node_id = id,
                                          .name = "explorer",
                                          .from = cursor,
                                          .settings = settings,
                                          .random = jitter(),
                                          .numbers = polls,
                                          .clock = clock})};
     },
     settings.signatures});
  return {};
}

error add_replay(engine_options& options,
                 const config::replay_settings& settings) {
  if (settings.file.empty())
    return {};
  bool from_input = settings.file == "-";
  std::shared_ptr<std::istream> lines;
  if (from_input)
    lines = std::shared_ptr<std::istream>{&std::cin, [](std::istream*) {}};
  else
    lines = std::make_shared<std::ifstream>(settings.file);
  if (!*lines)
    return {errc::invalid_configuration,
            "replay.file: " + settings.file + " cannot be read"};
  auto name = "replay:" + settings.file;
  options.sources.push_back(
    {name,
     [lines, name, settings, from_input](caf::actor_system& system,
                                         std::uint64_t cursor) {
       return system.spawn<caf::detached>(
         replay_source, lines,
         replay_source_options{.name = name,
                               .from = from_input ? 0 : cursor,
                               .resumes = !from_input,
                               .signatures = settings.signatures});
     },
     settings.signatures});
  return {};
}

/// The actor behind the local API.
void add_api(engine_options& options, node& made, const node_paths& paths,
             usage_readers usage) {
  namespace types = reservation_types;
  api_options about{
    .node_id = options.node_id,
    .explorer = made.summary.explorer,
    .clock = options.clock,
    .output = read_output_files({{types::container.name, paths.containers},
                                 {types::kubernetes.name, paths.machines}}),
    .polls = made.polls,
    .usage = std::move(usage),
    .orphans = options.orphans};
  for (auto& [type, functions] : options.provisioners)
    about.types.push_back(type.name);
  for (auto& [type, settings] : options.workers)
    about.types.push_back(type.name);
  made.door = std::make_shared<api_door>(std::move(about));
  options.companions.push_back(made.door->companion());
}

/// The disk of another host is not seen from here.
disk_finding disk_of_volumes(const config::node_config& settings,
                             const std::string& pool) {
  if (settings.workers.volume.empty() || settings.volumes.disk != "auto")
    return find_disk_kind(pool, settings.volumes.disk);
  return {.reason = "it is the worker's; set volumes.disk if it turns"};
}

/// What the node lends out.
error add_capacity(engine_options& options, node_summary& summary,
                   const config::node_config& settings,
                   const std::string& pool) {
  const auto disk = disk_of_volumes(settings, pool);
  log::info("the pool's disk counts as " + std::string{to_string(disk.kind)}
            + ": " + disk.reason);
  auto limits = host_capacity(settings.capacity, pool, disk.kind);
  if (!limits)
    return limits.error();
  summary.limits = *limits;
  options.statser = std::make_shared<ledger>(*limits);
  return {};
}

/// The node as its back-ends see it.
workload_site site_of_daemon(engine_options& options, const node_key& key) {
  workload_site site;
  options.companions.push_back(site.door.companion());
  site.owner
    = [door = site.door](const reservation_type& type, const std::string& id) {
        return door.owner(type, id);
      };
  site.open_secret = opener_of_secrets(key, options.keys);
  // The network module of the original always takes a sealed box, whatever the
  // version.
  site.open_network_key = [key](std::string_view sealed) {
    return secret_box::decrypt_text(0, sealed, key, {});
  };
  return site;
}

/// Tells how the start goes on, and then that all is well.
void add_events(engine_options& options, const node_events& events) {
  options.on_ready = events.on_ready;
  options.on_taken_up = [tell = events.on_starting](std::uint64_t count) {
    tell("taking up unfinished work, " + std::to_string(count) + " so far");
  };
  options.companions.push_back(
    [heart = events.heart](caf::actor_system& system,
                           const node_actors& peers) {
      return caf::actor_cast<caf::strong_actor_ptr>(
        system.spawn(heartbeat, peers, heart));
    });
}

error add_recorder(engine_options& options, const node_summary& summary,
                   const config::record_settings& settings) {
  if (settings.file.empty())
    return {};
  auto by = recorder::open(settings.file, options.clock);
  if (!by)
    return by.error();
  record_edges(options, std::move(*by), summary.limits);
  return {};
}

/// Who looks for what is on the host and no reservation wants.
void add_janitor(engine_options& options, const workload_site& site,
                 const config::janitor_settings& settings) {
  options.inventories.push_back(
    inventory_of(reservation_types::volume, site.volumes));
  std::ranges::stable_partition(options.inventories, [](const inventory& one) {
    return one.type != reservation_types::network_resource;
  });
  options.janitor = settings;
  options.orphans = std::make_shared<orphan_board>();
}

error add_store(engine_options& options, node_summary& summary,
                const std::string& folder,
                const config::journal_settings& journal) {
  auto store = open_leveldb_store(folder, options.node_id, options.clock->now(),
                                  {.journal_rows_max = journal.rows_max,
                                   .journal_age_max = journal.age_max,
                                   .signs = options.signer});
  if (!store)
    return store.error();
  auto& found = (*store)->recovery();
  for (auto& lost : found.salvaged)
    log::error("a damaged record was set aside: " + lost.reason.message,
               lost.key);
  if (found.unlisted)
    log::warn("lists by user or type take longer until the next start: "
              + found.unlisted.message);
  summary.live_records = found.live_records;
  summary.salvaged = found.salvaged.size();
  options.cache = std::move(*store);
  auto mark = in_flight_mark::open(folder);
  if (!mark)
    return mark.error();
  options.mark = std::make_shared<in_flight_mark>(std::move(*mark));
  return {};
}

} // namespace

node_paths::node_paths(const config::node_config& settings)
  : identity{settings.node.identity_file.empty()
               ? settings.node.data_dir + "/identity.key"
               : settings.node.identity_file},
    store{settings.node.data_dir + "/store"},
    volumes{settings.volumes.pool.empty() ? settings.node.data_dir + "/volumes"
                                          : settings.volumes.pool},
    networks{settings.node.data_dir + "/networks"},
    containers{settings.node.data_dir + "/containers"},
    machines{settings.node.data_dir + "/machines"},
    zdb{settings.node.data_dir + "/zdb"}, gateway{settings.node.data_dir
                                                  + "/gateway"},
    ipv6_gateway{settings.node.data_dir + "/gateway4to6"},
    public_ips{settings.node.data_dir + "/public"},
    images{settings.node.data_dir + "/images"},
    own_images{settings.containers.image_folder.empty()
                 ? images + "/own"
                 : settings.containers.image_folder},
    api{settings.api.socket.empty() ? settings.node.data_dir + "/api.sock"
                                    : settings.api.socket} {
}

expected<node> wire(const config::node_config& settings, node_events events) {
  node_paths paths{settings};
  if (auto failure = make_folder(settings.node.data_dir))
    return fail(std::move(failure));
  sodium_entropy random;
  auto key = load_or_create_key_file(paths.identity, random);
  if (!key)
    return fail(key.error());
  node made;
  made.summary.node_id = key->node_id();
  made.summary.explorer = settings.explorer.url;
  engine_options options;
  options.node_id = key->node_id();
  options.signer = std::make_shared<ed25519_signer>(*key);
  options.clock = std::make_shared<system_clock>();
  options.random = jitter();
  options.settings = settings.engine;
  options.clock_trust = settings.clock;
  options.submitted = settings.replay.signatures;
  add_events(options, events);
  events.on_starting("opening the store");
  // The store first: its lock refuses a second daemon before it touches
  // anything else.
  if (auto failure
      = add_store(options, made.summary, paths.store, settings.journal))
    return fail(std::move(failure));
  if (auto failure = add_explorer(options, made, settings.explorer))
    return fail(std::move(failure));
  // After the explorer, which knows the keys of users.
  auto site = site_of_daemon(options, *key);
  events.on_starting("trying what this host can do");
  for (const auto& part : workload_parts())
    if (auto failure = part.add(options, made.summary, site, settings, paths))
      return fail(std::move(failure));
  if (auto failure
      = add_capacity(options, made.summary, settings, paths.volumes))
    return fail(std::move(failure));
  events.on_starting("counting " + std::to_string(made.summary.live_records)
                     + " records");
  if (auto failure = add_debug(options))
    return fail(std::move(failure));
  // Behind what uses them: volumes and networks come last.
  add_janitor(options, site, settings.janitor);
  if (auto failure = place_workers(options, made.summary, site, settings))
    return fail(std::move(failure));
  if (auto failure = add_replay(options, settings.replay))
    return fail(std::move(failure));
  add_api(options, made, paths, *site.usage);
  // Last: it sees everything that was added before.
  if (auto failure = add_recorder(options, made.summary, settings.record))
    return fail(std::move(failure));
  auto engine = provision::engine::make(std::move(options));
  if (!engine)
    return fail(engine.error());
  made.engine = std::move(*engine);
  return made;
}

} // namespace provision
