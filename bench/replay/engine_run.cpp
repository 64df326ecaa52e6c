#include "bench/replay/engine_run.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/engine.hpp"
#include "actors/recording/recorder.hpp"
#include "actors/sources/replay_source.hpp"
#include "bench/replay/cached_store.hpp"
#include "bench/replay/cpu_time.hpp"
#include "bench/replay/generator.hpp"
#include "bench/replay/measured_feedback.hpp"
#include "bench/replay/measured_store.hpp"
#include "bench/replay/run_figures.hpp"
#include "bench/replay/run_signals.hpp"
#include "explorer/http/beast_transport.hpp"
#include "identity/user_keys.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision::bench {

namespace {

/// Without any progress for this long, the run has failed.
constexpr std::chrono::seconds stall{60};
constexpr std::chrono::milliseconds look_interval{20};

std::uint64_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

double seconds_since(std::int64_t begin) {
  return static_cast<double>(now_ns() - begin) / 1e9;
}

class run {
public:
  run(const run_orders& orders, progress& shared)
    : orders_{orders}, told_{orders.options}, shared_{shared} {}

  expected<run_figures> take();

private:
  bool is_serial() const { return told_.sync == sync_mode::each; }

  error prepare();
  error add_explorer();
  error add_source();
  void add_provisioners();
  workload_functions functions_of(const reservation_type& type);
  error add_store();
  error start();
  error wait_for_end();
  error wait_for_results();
  error wait_for_history();
  error wait_for_removals();
  error stay_idle();
  template <class Count>
  error wait_while_moving(Count count, const std::function<bool()>& ended);
  void take_figures();

  const run_orders& orders_;
  const replay_options& told_;
  progress& shared_;
  std::shared_ptr<stream_journal> journal_ = {};
  std::shared_ptr<run_signals> signals_ = std::make_shared<run_signals>();
  std::shared_ptr<sync_counts> syncs_ = std::make_shared<sync_counts>();
  std::shared_ptr<measured_feedback> feedback_ = {};
  engine_options options_ = {};
  std::unique_ptr<provision::engine> engine_ = {};
  std::int64_t began_ = 0;
  double own_cpu_ = 0;
  double explorer_cpu_ = 0;
  double busy_ = 0;
  run_figures figures_ = {};
};

// -- the engine's parts -------------------------------------------------------

error run::prepare() {
  auto opened = stream_journal::open(orders_.documents.file, told_.hang);
  if (!opened)
    return opened.error();
  journal_ = std::make_shared<stream_journal>(std::move(*opened));
  options_.node_id = orders_.documents.node_id;
  options_.signer = std::make_shared<ed25519_signer>(measured_node());
  options_.clock = std::make_shared<system_clock>();
  options_.on_ready = [s = signals_] { s->set(&run_signals::ready); };
  options_.on_history_end
    = [s = signals_] { s->set(&run_signals::history_end); };
  if (is_serial()) {
    options_.settings.group_max = 1;
    options_.reports.in_flight_max = 1;
  }
  add_provisioners();
  if (auto failure = add_explorer())
    return failure;
  return orders_.documents.file.empty() ? error{} : add_source();
}

error run::add_explorer() {
  std::shared_ptr<explorer_client> client;
  if (!orders_.explorer_url.empty()) {
    auto transport = make_http_transport({.url = orders_.explorer_url});
    if (!transport)
      return transport.error();
    client = std::make_shared<explorer_client>(*transport, orders_.explorer_url,
                                               options_.node_id,
                                               options_.signer, options_.clock);
    options_.keys = std::make_shared<user_keys>(client, options_.clock,
                                                user_keys::settings{});
  } else {
    auto users = open_users(orders_.documents.users_file);
    if (!users)
      return users.error();
    options_.keys = *users;
  }
  feedback_ = std::make_shared<measured_feedback>(
    client, journal_,
    [s = signals_, serial = is_serial(), j = journal_, &shared = shared_] {
      shared.done = j->accepted();
      if (serial)
        caf::anon_send(s->source, atom::tick::value);
      if (j->accepted() == j->distinct())
        s->wake();
    });
  options_.feedback = feedback_;
  return {};
}

error run::add_source() {
  auto lines = std::make_shared<std::ifstream>(orders_.documents.file);
  if (!*lines)
    return {errc::storage_failure, orders_.documents.file + ": cannot be read"};
  replay_source_options settings{
    // A known stream comes once more, from its start.
    .name = told_.known ? "replay again" : "replay",
    .signatures = told_.verify ? config::signature_policy::enforce
                               : config::signature_policy::off};
  options_.sources.push_back(
    {settings.name,
     [lines, settings, j = journal_, s = signals_,
      serial = is_serial()](caf::actor_system& system, std::uint64_t) {
       source_actor inner
         = system.spawn<caf::detached>(replay_source, lines, settings);
       s->source = system.spawn(measured_source, inner, j, serial);
       return source_actor{s->source};
     }});
  return {};
}

workload_functions run::functions_of(const reservation_type& type) {
  workload_functions made;
  made.provision = [](const reservation& r) -> expected<std::string> {
    return "{\"id\":\"" + r.id + "\"}";
  };
  const bool hangs = told_.hangs && type.name == told_.hang;
  made.return_at_once = !hangs;
  if (hangs)
    made.provision
      = [s = signals_](const reservation&) -> expected<std::string> {
      s->released.wait(false);
      return fail(errc::shutting_down, "let go");
    };
  made.decommission = [s = signals_, clock = options_.clock,
                       first = orders_.first_deadline, count = told_.expire,
                       seconds = told_.expire_seconds,
                       &shared = shared_](const reservation& r) {
    auto number = split_reservation_id(r.id).value_or(split_id{}).reservation
                  - static_cast<std::uint64_t>(first_cached_id);
    auto deadline = saturating_add(
      first, deadline_step(seconds, count) * static_cast<std::int64_t>(number));
    auto lag = difference(clock->now(), deadline);
    std::lock_guard lock{s->mutex};
    s->lags.push_back(static_cast<double>(lag.count()) / 1e6);
    shared.done = ++s->removed;
    return error{};
  };
  return made;
}

void run::add_provisioners() {
  if (told_.hangs && !told_.hang.empty())
    options_.settings.provision_timeout
      = std::chrono::milliseconds{told_.deadline_ms};
  for (auto& type : generated_types())
    options_.provisioners[type] = functions_of(type);
  options_.provisioners[reservation_types::public_ip]
    = functions_of(reservation_types::public_ip);
  options_.provisioners[reservation_types::network]
    = functions_of(reservation_types::network);
}

error run::add_store() {
  auto store
    = open_leveldb_store(orders_.folder + "/store", options_.node_id,
                         options_.clock->now(), {.signs = options_.signer});
  if (!store)
    return store.error();
  options_.cache = measured_store(std::move(*store), syncs_);
  auto mark = in_flight_mark::open(orders_.folder + "/store");
  if (!mark)
    return mark.error();
  options_.mark = std::make_shared<in_flight_mark>(std::move(*mark));
  return {};
}

// -- the run ------------------------------------------------------------------

error run::start() {
  auto opening = now_ns();
  if (auto failure = add_store())
    return failure;
  if (!orders_.record_file.empty()) {
    auto by = recorder::open(orders_.record_file, options_.clock);
    if (!by)
      return by.error();
    record_edges(options_, std::move(*by));
  }
  auto made = provision::engine::make(std::move(options_));
  if (!made)
    return made.error();
  engine_ = std::move(*made);
  own_cpu_ = own_cpu_seconds();
  explorer_cpu_ = cpu_seconds_of(orders_.explorer_pid);
  busy_ = machine_busy_seconds();
  if (auto failure = engine_->start())
    return failure;
  std::unique_lock lock{signals_->mutex};
  signals_->changed.wait(lock, [this] { return signals_->ready; });
  began_ = now_ns();
  figures_.ready_seconds = seconds_since(opening);
  return {};
}

template <class Count>
error run::wait_while_moving(Count count, const std::function<bool()>& ended) {
  auto before = count();
  auto moved = std::chrono::steady_clock::now();
  while (!ended()) {
    {
      std::unique_lock lock{signals_->mutex};
      signals_->changed.wait_for(lock, look_interval);
    }
    if (auto now = count(); now != before) {
      before = now;
      moved = std::chrono::steady_clock::now();
    } else if (std::chrono::steady_clock::now() - moved > stall) {
      return {errc::deadline_exceeded,
              "stalled after " + std::to_string(before) + " reservations"};
    }
  }
  return {};
}

error run::wait_for_results() {
  return wait_while_moving([this] { return journal_->accepted(); },
                           [this] {
                             if (journal_->accepted() == journal_->distinct())
                               return true;
                             // Some lines of a given stream may be owed
                             // nothing.
                             std::unique_lock lock{signals_->mutex};
                             auto over = signals_->history_end;
                             lock.unlock();
                             return over && engine_->reports().waiting == 0;
                           });
}

error run::wait_for_history() {
  auto failure = wait_while_moving([this] { return engine_->status().known; },
                                   [this] {
                                     std::lock_guard lock{signals_->mutex};
                                     return signals_->history_end;
                                   });
  figures_.count = engine_->status().known;
  figures_.seconds
    = static_cast<double>(now_ns() - journal_->seen().front()) / 1e9;
  figures_.reservations_per_second
    = static_cast<double>(figures_.count) / figures_.seconds;
  return failure;
}

error run::wait_for_removals() {
  // The first deadline may be some seconds away.
  auto failure
    = wait_while_moving([this] { return signals_->removed.load(); },
                        [this] { return signals_->removed == told_.expire; });
  std::lock_guard lock{signals_->mutex};
  figures_.count = signals_->lags.size();
  figures_.seconds = seconds_since(began_);
  take_tail(figures_, signals_->lags);
  return failure;
}

error run::stay_idle() {
  // What starting left to do is not idleness.
  ::poll(nullptr, 0, 1000);
  auto cpu = own_cpu_seconds();
  auto begin = now_ns();
  ::poll(nullptr, 0, static_cast<int>(told_.idle * 1e3));
  figures_.seconds = seconds_since(begin);
  figures_.idle_cpu = (own_cpu_seconds() - cpu) / figures_.seconds;
  return {};
}

error run::wait_for_end() {
  if (told_.expire > 0)
    return wait_for_removals();
  if (told_.idle > 0)
    return stay_idle();
  return told_.known ? wait_for_history() : wait_for_results();
}

void run::take_figures() {
  auto wall = seconds_since(began_);
  auto own = own_cpu_seconds() - own_cpu_;
  auto explorer = cpu_seconds_of(orders_.explorer_pid) - explorer_cpu_;
  auto elsewhere = machine_busy_seconds() - busy_ - own - explorer;
  figures_.cores_left
    = usable_cores() - std::max(0.0, elsewhere) / std::max(wall, 1e-3);
  figures_.rss_bytes = resident_bytes();
  if (told_.expire == 0 && told_.idle == 0 && !told_.known)
    take_times(figures_, *journal_);
  auto count = static_cast<double>(std::max<std::uint64_t>(1, figures_.count));
  figures_.cpu_us = own / count * 1e6;
  figures_.explorer_cpu_us = explorer / count * 1e6;
  auto mean = [](std::uint64_t all, std::uint64_t syncs) {
    return syncs == 0 ? 0.0
                      : static_cast<double>(all) / static_cast<double>(syncs);
  };
  figures_.intents_per_sync = mean(syncs_->intents, syncs_->intent_syncs);
  figures_.outcomes_per_sync = mean(syncs_->outcomes, syncs_->outcome_syncs);
  figures_.syncs = syncs_->intent_syncs + syncs_->outcome_syncs;
  figures_.refused = feedback_->refused();
}

expected<run_figures> run::take() {
  auto failure = prepare();
  if (!failure)
    failure = start();
  if (!failure)
    failure = wait_for_end();
  signals_->released = true;
  signals_->released.notify_all();
  if (failure)
    return fail(std::move(failure));
  take_figures();
  signals_->source = measured_source_actor{};
  engine_->stop(std::chrono::seconds{5});
  engine_.reset();
  return figures_;
}

} // namespace

expected<run_figures> run_engine(const run_orders& orders, progress& shared) {
  return run{orders, shared}.take();
}

} // namespace provision::bench
