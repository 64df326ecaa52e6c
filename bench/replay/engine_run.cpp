#include "bench/replay/engine_run.hpp"

#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <fstream>
#include <mutex>

#include "actors/engine.hpp"
#include "actors/sources/replay_source.hpp"
#include "bench/replay/generator.hpp"
#include "bench/replay/journal.hpp"
#include "bench/replay/measured_feedback.hpp"
#include "bench/replay/measured_source.hpp"
#include "explorer/http/beast_transport.hpp"
#include "identity/user_keys.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

namespace provision::bench {

namespace {

/// Without one more accepted result for this long, the run has failed.
constexpr std::chrono::seconds stall{60};

double process_cpu_seconds() {
  timespec spent{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &spent);
  return static_cast<double>(spent.tv_sec)
         + static_cast<double>(spent.tv_nsec) / 1e9;
}

/// CPU seconds of another process, all threads.
double cpu_seconds_of(int pid) {
  clockid_t clock{};
  timespec spent{};
  if (pid <= 0 || ::clock_getcpuclockid(pid, &clock) != 0
      || ::clock_gettime(clock, &spent) != 0)
    return 0;
  return static_cast<double>(spent.tv_sec)
         + static_cast<double>(spent.tv_nsec) / 1e9;
}

std::uint64_t resident_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t all = 0;
  std::uint64_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// What the threads of the engine tell the one that waits.
struct signals {
  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool ready = false;
  bool history_end = false;
  /// The source, to be told in a serial measurement.
  measured_source_actor source = {};

  void set(bool signals::*what) {
    std::lock_guard lock{mutex};
    this->*what = true;
    changed.notify_all();
  }
};

class run {
public:
  run(const run_orders& orders, int explorer_pid)
    : orders_{orders}, explorer_pid_{explorer_pid} {}

  error prepare();
  expected<run_figures> measure();

private:
  bool is_serial() const { return orders_.options.sync == sync_mode::each; }
  error add_explorer();
  error add_source();
  void add_provisioners();
  error wait_until_done();

  const run_orders& orders_;
  int explorer_pid_;
  std::shared_ptr<bench::journal> journal_ = {};
  std::shared_ptr<signals> signals_ = std::make_shared<signals>();
  engine_options options_ = {};
  std::unique_ptr<provision::engine> engine_ = {};
};

error run::prepare() {
  auto opened = journal::open(orders_.documents.file);
  if (!opened)
    return opened.error();
  journal_ = std::make_shared<bench::journal>(std::move(*opened));
  options_.node_id = orders_.documents.node_id;
  options_.signer = std::make_shared<ed25519_signer>(measured_node());
  options_.clock = std::make_shared<system_clock>();
  options_.on_ready = [s = signals_] { s->set(&signals::ready); };
  options_.on_history_end = [s = signals_] { s->set(&signals::history_end); };
  if (is_serial()) {
    options_.settings.group_max = 1;
    options_.reports.in_flight_max = 1;
  }
  add_provisioners();
  if (auto failure = add_explorer())
    return failure;
  return add_source();
}

error run::add_explorer() {
  std::shared_ptr<explorer_client> client;
  if (!orders_.explorer_url.empty()) {
    auto transport = make_http_transport({.url = orders_.explorer_url});
    if (!transport)
      return transport.error();
    client = std::make_shared<explorer_client>(
      *transport, orders_.explorer_url, options_.node_id, options_.signer,
      options_.clock);
    options_.keys = std::make_shared<user_keys>(client, options_.clock,
                                                user_keys::settings{});
  } else {
    auto users = open_users(orders_.documents.users_file);
    if (!users)
      return users.error();
    options_.keys = *users;
  }
  options_.feedback = std::make_shared<measured_feedback>(
    client, journal_, [s = signals_, serial = is_serial(), j = journal_] {
      if (serial)
        caf::anon_send(s->source, atom::tick::value);
      if (j->accepted() == j->size()) {
        std::lock_guard lock{s->mutex};
        s->changed.notify_all();
      }
    });
  return {};
}

error run::add_source() {
  auto lines = std::make_shared<std::ifstream>(orders_.documents.file);
  if (!*lines)
    return {errc::storage_failure,
            orders_.documents.file + ": cannot be read"};
  replay_source_options settings{
    .signatures = orders_.options.verify ? config::signature_policy::enforce
                                         : config::signature_policy::off};
  if (is_serial())
    settings.page_size = 1;
  options_.sources.push_back(
    {settings.name,
     [lines, settings, j = journal_, s = signals_, serial = is_serial()](
       caf::actor_system& system, std::uint64_t) {
       source_actor inner
         = system.spawn<caf::detached>(replay_source, lines, settings);
       s->source = system.spawn(measured_source, inner, j, serial);
       return source_actor{s->source};
     }});
  return {};
}

void run::add_provisioners() {
  for (auto& type : generated_types())
    options_.provisioners[type] = {
      .provision = [](const reservation& r) -> expected<std::string> {
        return "{\"id\":\"" + r.id + "\"}";
      },
      .decommission = [](const reservation&) { return error{}; }};
}

error run::wait_until_done() {
  std::unique_lock lock{signals_->mutex};
  auto before = journal_->accepted();
  while (journal_->accepted() < journal_->size()) {
    auto moved = signals_->changed.wait_for(
      lock, stall, [&] { return journal_->accepted() == journal_->size(); });
    auto now = journal_->accepted();
    if (!moved && now == before)
      return {errc::deadline_exceeded,
              "stalled after " + std::to_string(now) + " of "
                + std::to_string(journal_->size()) + " reservations"};
    before = now;
  }
  return {};
}

expected<run_figures> run::measure() {
  run_figures figures;
  auto opening = now_ns();
  auto store = open_leveldb_store(orders_.folder + "/store", options_.node_id,
                                  options_.clock->now());
  if (!store)
    return fail(store.error());
  options_.cache = std::move(*store);
  auto mark = in_flight_mark::open(orders_.folder + "/store");
  if (!mark)
    return fail(mark.error());
  options_.mark = std::make_shared<in_flight_mark>(std::move(*mark));
  auto made = provision::engine::make(std::move(options_));
  if (!made)
    return fail(made.error());
  engine_ = std::move(*made);
  auto cpu = process_cpu_seconds();
  auto explorer_cpu = cpu_seconds_of(explorer_pid_);
  if (auto failure = engine_->start())
    return fail(std::move(failure));
  {
    std::unique_lock lock{signals_->mutex};
    signals_->changed.wait(lock, [&] { return signals_->ready; });
  }
  figures.ready_seconds = static_cast<double>(now_ns() - opening) / 1e9;
  auto failure = wait_until_done();
  cpu = process_cpu_seconds() - cpu;
  explorer_cpu = cpu_seconds_of(explorer_pid_) - explorer_cpu;
  figures.rss_bytes = resident_bytes();
  signals_->source = measured_source_actor{};
  engine_->stop(std::chrono::seconds{5});
  engine_.reset();
  if (failure)
    return fail(std::move(failure));
  figures.accepted = journal_->accepted();
  auto count = static_cast<double>(figures.accepted);
  auto& seen = journal_->seen();
  auto& done = journal_->done();
  figures.seconds
    = static_cast<double>(*std::max_element(done.begin(), done.end())
                          - *std::min_element(seen.begin(), seen.end()))
      / 1e9;
  figures.reservations_per_second = count / figures.seconds;
  figures.cpu_us = cpu / count * 1e6;
  figures.explorer_cpu_us = explorer_cpu / count * 1e6;
  return figures;
}

} // namespace

expected<run_figures> run_engine(const run_orders& orders, int explorer_pid) {
  run one{orders, explorer_pid};
  if (auto failure = one.prepare())
    return fail(std::move(failure));
  return one.measure();
}

} // namespace provision::bench
