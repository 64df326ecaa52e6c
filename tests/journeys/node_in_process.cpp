#include "tests/journeys/node_in_process.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "actors/sources/poll_source.hpp"
#include "actors/sources/replay_source.hpp"
#include "explorer/http/beast_transport.hpp"
#include "identity/user_keys.hpp"
#include "logging/log.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision::journeys {

node_key key_of_the_node() {
  return node_key::from_seed(secret{"helloworldhelloworldhelloworld12"})
    .value();
}

node_in_process::node_in_process(std::string explorer_url)
  : key{key_of_the_node()} {
  using namespace std::chrono_literals;
  // JOURNEY_LOG=1 shows what the node says.
  log::configure(std::getenv("JOURNEY_LOG") ? log::level::debug
                                            : log::level::off,
                 log::format::text);
  explorer.url = std::move(explorer_url);
  explorer.poll_interval = 20ms;
  explorer.retry_delay = 10ms;
  explorer.retry_delay_max = 100ms;
  explorer.signatures = config::signature_policy::enforce;
  settings.removal_retry_delay = 20ms;
  settings.removal_retry_delay_max = 100ms;
  on_provision = [](const reservation& r) -> expected<std::string> {
    return "{\"volume_id\":\"" + filesystem_name(r) + "\"}";
  };
  on_decommission = [](const reservation&) { return error{}; };
}

node_in_process::~node_in_process() {
  if (engine)
    engine->stop(std::chrono::seconds{5});
}

void node_in_process::start() {
  engine_options options;
  options.node_id = key.node_id();
  options.signer = std::make_shared<ed25519_signer>(key);
  options.clock = std::make_shared<system_clock>();
  options.settings = settings;
  options.threads = 2;
  options.cache = open_store();
  options.mark = std::make_shared<in_flight_mark>(
    in_flight_mark::open(folder_.path()).value());
  add_explorer(options);
  add_replay(options);
  workload_functions functions{[this](const reservation& r) {
                                 note("provision " + r.id);
                                 return on_provision(r);
                               },
                               [this](const reservation& r) {
                                 note("decommission " + r.id);
                                 return on_decommission(r);
                               }};
  for (auto& type : types)
    options.provisioners[reservation_type{type}] = functions;
  before_start(options);
  engine = provision::engine::make(std::move(options)).value();
  if (auto failure = engine->start())
    throw std::runtime_error{to_string(failure)};
}

void node_in_process::add_explorer(engine_options& options) {
  auto transport = make_http_transport({.url = explorer.url}).value();
  auto client = std::make_shared<explorer_client>(
    transport, explorer.url, options.node_id, options.signer, options.clock);
  options.feedback = client;
  options.keys
    = std::make_shared<user_keys>(client, options.clock, user_keys::settings{});
  options.reports.retry
    = {.first = explorer.retry_delay, .max = explorer.retry_delay_max};
  options.sources.push_back(
    {"explorer",
     [this, client](caf::actor_system& system, std::uint64_t cursor) {
       return source_actor{system.spawn(
         poll_source, client,
         poll_source_options{
           .node_id = key.node_id(), .from = cursor, .settings = explorer})};
     }});
}

void node_in_process::add_replay(engine_options& options) {
  if (replay.empty())
    return;
  options.sources.push_back(
    {"replay", [this](caf::actor_system& system, std::uint64_t cursor) {
       return system.spawn<caf::detached>(
         replay_source, std::make_shared<std::istringstream>(replay),
         replay_source_options{.from = cursor});
     }});
}

error node_in_process::stop(std::chrono::milliseconds patience) {
  return engine->stop(patience);
}

std::unique_ptr<reservation_store> node_in_process::open_store() const {
  return open_leveldb_store(folder_.path() + "/store", key.node_id(),
                            system_clock{}.now())
    .value();
}

void node_in_process::note(const std::string& call) {
  std::lock_guard lock{mutex_};
  calls_.push_back(call);
}

std::vector<std::string> node_in_process::calls() const {
  std::lock_guard lock{mutex_};
  return calls_;
}

std::size_t node_in_process::count(const std::string& call) const {
  auto all = calls();
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), call));
}

} // namespace provision::journeys
