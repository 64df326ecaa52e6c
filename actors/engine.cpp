#include "actors/engine.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <thread>
#include <utility>

#include "actors/cache.hpp"
#include "actors/caf_error.hpp"
#include "actors/decoder.hpp"
#include "actors/feedback.hpp"
#include "actors/intake.hpp"
#include "actors/janitor.hpp"
#include "actors/signing.hpp"
#include "actors/sources/combined_source.hpp"
#include "actors/sources/expiry_source.hpp"
#include "actors/sources/operator_source.hpp"
#include "actors/threads/batch_threads.hpp"
#include "actors/threads/leader_scheduler.hpp"

namespace provision {

namespace {

std::size_t thread_count(std::size_t wanted) {
  return wanted > 0
           ? wanted
           : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

struct system_config : caf::actor_system_config {
  system_config(std::size_t decoders, bool with_workers) {
    // Besides the decoders the cache and the signer take long.
    load<leader_scheduler>();
    set("scheduler.max-threads", decoders + 3);
    add_thread_hook<batch_threads>();
    // A thread for sockets; nobody else needs it.
    if (with_workers)
      load<caf::io::middleman>();
  }
};

/// Explorer of an engine without feedback: accepts nothing, so that results
/// stay in the outbox.
class no_feedback final : public feedbacker {
public:
  void feedback(const std::string&, const std::string&, const std::string&,
                callback) override {}
  void deleted(const std::string&, const std::string&, callback) override {}
  void update_stats(const std::string&, const workload_amount&,
                    const resource_amount&, callback done) override {
    done({});
  }
};

} // namespace

/// Everything that runs, in the order in which it is taken down again.
struct engine::parts {
  explicit parts(engine_options given)
    : options{std::move(given)}, config{thread_count(options.threads),
                                        !options.workers.empty()},
      system{config} {}

  /// An actor that waits for a disk, or computes for milliseconds.
  template <class... Args>
  auto spawn_long(Args&&... args) {
    return leader_scheduler::spawn_long(system, std::forward<Args>(args)...);
  }

  template <class T, class Handle, class Request>
  expected<T> ask(const Handle& whom, Request request) {
    expected<T> answer = fail(errc::shutting_down, "the engine has ended");
    caf::scoped_actor self{system};
    self->request(whom, caf::infinite, std::move(request))
      .receive([&](T& reply) { answer = std::move(reply); },
               [&](caf::error& err) { answer = fail(from_caf(err)); });
    return answer;
  }

  void spawn_memory();
  source_actor spawn_sources();
  void spawn_engine(source_actor source);

  engine_options options;
  system_config config;
  caf::actor_system system;
  std::map<std::string, std::uint64_t> cursors = {};
  keeper_actor cache = {};
  std::shared_ptr<clock_guard> guard = {};
  operator_source_actor orders = {};
  statser_actor statser = {};
  feedback_actor feedback = {};
  engine_actor loop = {};
  counters_actor stream = {};
  source_actor source = {};
  /// Ended one by one when the engine stops: they hold one another's handles.
  std::vector<caf::strong_actor_ptr> all = {};
  bool started = false;
  bool stopped = false;
};

engine::engine(std::unique_ptr<parts> inside) : parts_{std::move(inside)} {
}

expected<std::unique_ptr<engine>> engine::make(engine_options options) {
  if (options.node_id.empty())
    return fail(errc::invalid_configuration,
                "engine_options: node_id is empty");
  if (!options.cache)
    return fail(errc::invalid_configuration,
                "engine_options: cache is missing");
  if (!options.signer)
    return fail(errc::invalid_configuration,
                "engine_options: signer is missing");
  if (!options.statser)
    options.statser = std::make_shared<ledger>();
  if (!options.feedback)
    options.feedback = std::make_shared<no_feedback>();
  if (!options.clock)
    options.clock = std::make_shared<system_clock>();
  if (!options.mark)
    options.mark = std::make_shared<in_flight_mark>();
  if (!options.orphans)
    options.orphans = std::make_shared<orphan_board>();
  options.reports.node_id = options.node_id;
  if (!options.reports.clock)
    options.reports.clock = options.clock;
  return std::unique_ptr<engine>{
    new engine{std::make_unique<parts>(std::move(options))}};
}

error engine::start() {
  auto& store = *parts_->options.cache;
  for (auto& source : parts_->options.sources) {
    auto cursor = store.cursor(source.name);
    if (!cursor)
      return cursor.error();
    parts_->cursors[source.name] = *cursor;
  }
  auto memory = std::make_shared<std::unique_ptr<reservation_cache>>(
    std::make_unique<reservation_cache>(std::move(parts_->options.cache),
                                        parts_->options.clock));
  // Counted before anything moves: the ledger starts from what is on disk.
  if (auto failure = (*memory)->sync(*parts_->options.statser))
    return failure;
  parts_->cache = parts_->spawn_long(cache_behavior, memory);
  parts_->source = parts_->spawn_sources();
  parts_->spawn_memory();
  parts_->spawn_engine(parts_->source);
  parts_->started = true;
  return {};
}

void engine::parts::spawn_memory() {
  statser = system.spawn(statser_behavior, options.statser);
  feedback = system.spawn(feedback_behavior, cache, source, options.feedback,
                          options.reports);
  stream = system.spawn(counters_stream, statser, options.counters_interval);
}

source_actor engine::parts::spawn_sources() {
  std::vector<source_actor> sources;
  // Expiry first: what is over makes room for what comes.
  guard
    = std::make_shared<clock_guard>(options.clock_trust, options.explorer_time);
  sources.push_back(system.spawn(guarded_expiry_source, cache, options.clock,
                                 expiry_trust{guard, cache}));
  orders = system.spawn(operator_source);
  sources.push_back(orders);
  for (auto& source : options.sources)
    sources.push_back(source.spawn(system, cursors[source.name]));
  for (auto& source : sources)
    all.push_back(caf::actor_cast<caf::strong_actor_ptr>(source));
  return system.spawn(combined_source, std::move(sources));
}

void engine::parts::spawn_engine(source_actor from) {
  intake_peers upstream{.source = from, .cache = cache, .keys = options.keys};
  for (std::size_t i = 0; i < thread_count(options.threads); ++i)
    upstream.decoders.push_back(spawn_long(decoder_behavior));
  upstream.decoder_at_hand = system.spawn(decoder_behavior);
  engine_peers peers{
    .intake = system.spawn(intake_behavior, upstream, options.node_id),
    .cache = cache,
    .keeper = cache,
    .orders = orders,
    .guard = guard,
    .statser = statser,
    .feedback = feedback,
    .signer = spawn_long(signing_behavior, options.signer),
    .signer_at_hand = options.signer->returns_at_once()
                        ? system.spawn(signing_behavior, options.signer)
                        : signer_actor{},
    .refusals = options.refusals,
    .mark = options.mark,
    .clock = options.clock,
    .random = options.random,
    .on_taken_up = options.on_taken_up,
    .on_ready = options.on_ready,
    .on_history_end = options.on_history_end};
  peers.signatures.emplace(operator_source_name, options.submitted);
  for (auto& source : options.sources)
    peers.signatures.emplace(source.name, source.signatures);
  for (auto& [type, functions] : options.provisioners)
    peers.provisioners.emplace(type, [this, functions = functions] {
      return functions.return_at_once
               ? system.spawn(function_provisioner, functions)
               : system.spawn<caf::detached>(function_provisioner, functions);
    });
  for (auto& [type, settings] : options.workers)
    peers.provisioners.insert_or_assign(
      type, [this, type = type, settings = settings]() -> provisioner_actor {
        return system.middleman().spawn_broker(worker_provisioner, type,
                                               options.node_id, settings);
      });
  for (auto& [type, settings] : options.workers)
    if (settings.runs_always)
      peers.run_always.push_back(type);
  auto keep = [this](const auto& handle) {
    all.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
  };
  keep(peers.intake);
  keep(peers.signer);
  if (peers.signer_at_hand)
    keep(peers.signer_at_hand);
  keep(upstream.decoder_at_hand);
  for (auto& decoder : upstream.decoders)
    keep(decoder);
  loop = system.spawn(engine_loop, std::move(peers), options.settings);
  // On a thread of its own: looking at a host takes time.
  janitor_actor cleaner = system.spawn<caf::detached>(
    janitor,
    janitor_peers{loop, cache, options.inventories, options.orphans,
                  options.clock},
    options.janitor);
  keep(cleaner);
  for (auto& spawn : options.companions)
    all.push_back(spawn(system, {loop, cache, statser, feedback, cleaner}));
  keep(from);
  keep(feedback);
  keep(stream);
  keep(statser);
  keep(cache);
}

error engine::stop(std::chrono::milliseconds patience) {
  if (!parts_->started || parts_->stopped)
    return {};
  parts_->stopped = true;
  error outcome;
  {
    caf::scoped_actor self{parts_->system};
    self->request(parts_->loop, patience, stop_engine{})
      .receive([](done) {}, [&](caf::error& err) { outcome = from_caf(err); });
  }
  caf::anon_send_exit(parts_->loop, caf::exit_reason::user_shutdown);
  for (auto& one : parts_->all)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  return outcome;
}

engine::~engine() {
  stop(std::chrono::seconds{5});
  // Handles keep actors, and actors the system.
  auto& inside = *parts_;
  inside.system.await_actors_before_shutdown(true);
  inside.all.clear();
  inside.cache = keeper_actor{};
  inside.orders = operator_source_actor{};
  inside.statser = statser_actor{};
  inside.feedback = feedback_actor{};
  inside.loop = engine_actor{};
  inside.stream = counters_actor{};
  inside.source = source_actor{};
}

void engine::counters(std::string name, counters_listener listener) {
  caf::anon_send(parts_->stream,
                 subscribe_counters{std::move(name), std::move(listener)});
}

void engine::stop_counters(std::string name) {
  caf::anon_send(parts_->stream, unsubscribe_counters{std::move(name)});
}

error engine::decommission_cached(std::string id, std::string reason) {
  auto answer = parts_->ask<done>(
    parts_->loop,
    provision::decommission_cached{std::move(id), std::move(reason)});
  return answer ? error{} : answer.error();
}

expected<std::vector<quarantined>> engine::quarantine(std::string after) {
  return parts_
    ->ask<quarantine_list>(parts_->loop, list_quarantine{std::move(after)})
    .map([](quarantine_list list) { return std::move(list.rows); });
}

template <class Request>
error engine::order(Request request) {
  auto answer = parts_->ask<done>(parts_->loop, std::move(request));
  return answer ? error{} : answer.error();
}

error engine::retry_quarantined(std::string key) {
  return order(provision::retry_quarantined{std::move(key)});
}

error engine::drop_quarantined(std::string key) {
  return order(provision::drop_quarantined{std::move(key)});
}

error engine::retry(std::string id) {
  return order(retry_reservation{std::move(id)});
}

error engine::hold_intake(bool on) {
  return on ? order(pause_intake{}) : order(resume_intake{});
}

error engine::cordon(reservation_type type, bool on) {
  return on ? order(cordon_type{std::move(type)})
            : order(uncordon_type{std::move(type)});
}

error engine::confirm_deletions() {
  return order(provision::confirm_deletions{});
}

error engine::confirm_clock() {
  return order(provision::confirm_clock{});
}

void engine::reconcile() {
  caf::anon_send(parts_->source, reconcile_source{});
}

engine_status engine::status() {
  return parts_->ask<engine_status>(parts_->loop, read_engine_status{})
    .value_or(engine_status{});
}

feedback_status engine::reports() {
  return parts_->ask<feedback_status>(parts_->feedback, read_feedback_status{})
    .value_or(feedback_status{});
}

current_numbers engine::numbers() {
  return parts_->ask<current_numbers>(parts_->statser, read_numbers{})
    .value_or(current_numbers{});
}

} // namespace provision
