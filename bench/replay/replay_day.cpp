// Plays a recorded day to an engine of this process.
#include <poll.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/caf_error.hpp"
#include "actors/engine.hpp"
#include "bench/replay/compare.hpp"
#include "bench/replay/generator.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"

namespace provision::bench {

namespace {

/// From the last page handed over to the last report.
constexpr std::chrono::minutes patience{10};

/// The recording's own time: that of the page handed over last.
class recorded_clock final : public wall_clock {
public:
  timestamp now() const override {
    std::lock_guard lock{mutex_};
    return now_;
  }

  void set(timestamp at) {
    std::lock_guard lock{mutex_};
    now_ = std::max(now_, at);
  }

private:
  mutable std::mutex mutex_ = {};
  timestamp now_ = {};
};

struct recorded_pages_state {
  static inline const char* name = "recorded pages";

  std::size_t next = 0;
};

source_actor::behavior_type
recorded_pages(source_actor::stateful_pointer<recorded_pages_state> self,
               const recording& day, std::shared_ptr<recorded_clock> clock) {
  return {[=, &day](next_page) -> caf::result<source_page> {
            auto& next = self->state.next;
            if (next > day.pages.size())
              return to_caf({errc::end_of_stream, "the recording is over"});
            if (next++ == day.pages.size()) {
              source_page last;
              last.source = "recording";
              last.history_end = last.end_of_stream = true;
              return last;
            }
            auto& page = day.pages[next - 1];
            clock->set(page.at);
            return page.what;
          },
          [](reconcile_source) {}};
}

class recorded_users final : public key_directory {
public:
  explicit recorded_users(const recording& day) : day_{day} {}

  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override {
    auto known = day_.users.find(tid);
    if (known == day_.users.end())
      return done(fail(errc::unknown_user, "not recorded"));
    done(known->second);
  }

private:
  const recording& day_;
};

/// Notes what happens at the engine's edges.
class notes final : public feedbacker {
public:
  void feedback(const std::string&, const std::string& id,
                const std::string& body, callback done) override {
    note(id, words_for_result(body));
    done({});
  }

  void deleted(const std::string&, const std::string& id,
               callback done) override {
    note(id, "deleted");
    done({});
  }

  void update_stats(const std::string&, const workload_amount&,
                    const resource_amount&, callback done) override {
    done({});
  }

  void asked_for(const std::string& id) {
    std::lock_guard lock{mutex_};
    if (asked_.insert(id).second)
      day_.order.push_back(id);
  }

  void end_history() {
    std::lock_guard lock{mutex_};
    over_ = true;
    changed_.notify_all();
  }

  bool wait_for_history() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, patience, [this] { return over_; });
  }

  replayed_day take() {
    std::lock_guard lock{mutex_};
    return std::move(day_);
  }

private:
  void note(const std::string& id, std::string what) {
    std::lock_guard lock{mutex_};
    tell(day_.reports, id, std::move(what));
  }

  std::mutex mutex_ = {};
  std::condition_variable changed_ = {};
  replayed_day day_ = {};
  std::set<std::string> asked_ = {};
  bool over_ = false;
};

/// The next recorded answer for `id`; the last one again and again.
recorded_answer
take_answer(std::map<std::string, std::deque<recorded_answer>>& all,
            const std::string& id) {
  auto found = all.find(id);
  if (found == all.end())
    return {true, "no answer was recorded"};
  auto answer = found->second.front();
  if (found->second.size() > 1)
    found->second.pop_front();
  return answer;
}

struct answers {
  std::mutex mutex = {};
  std::map<std::string, std::deque<recorded_answer>> provisioned = {};
  std::map<std::string, std::deque<recorded_answer>> decommissioned = {};
};

workload_functions answer_as_recorded(std::shared_ptr<answers> all,
                                      std::shared_ptr<notes> noted) {
  workload_functions made;
  made.provision = [all, noted](const reservation& r) -> expected<std::string> {
    noted->asked_for(r.id);
    std::lock_guard lock{all->mutex};
    auto answer = take_answer(all->provisioned, r.id);
    if (answer.failed)
      return fail(errc::provision_failed, answer.text);
    return answer.text;
  };
  made.decommission = [all](const reservation& r) -> error {
    std::lock_guard lock{all->mutex};
    auto answer = take_answer(all->decommissioned, r.id);
    return answer.failed ? error{errc::decommission_failed, answer.text}
                         : error{};
  };
  return made;
}

} // namespace

expected<replayed_day> replay_day(const recording& day,
                                  const std::string& folder) {
  auto clock = std::make_shared<recorded_clock>();
  if (!day.pages.empty())
    clock->set(day.pages.front().at);
  auto noted = std::make_shared<notes>();
  auto all = std::make_shared<answers>();
  all->provisioned = day.provisioned;
  all->decommissioned = day.decommissioned;
  engine_options options;
  options.node_id = day.node_id;
  options.signer = std::make_shared<ed25519_signer>(measured_node());
  options.clock = clock;
  options.feedback = noted;
  options.keys = std::make_shared<recorded_users>(day);
  options.statser
    = std::make_shared<ledger>(statser_limits{.capacity = day.capacity});
  options.on_history_end = [noted] { noted->end_history(); };
  // A removal that failed is to be tried again at once, not in a second.
  options.settings.removal_retry_delay = std::chrono::milliseconds{1};
  for (auto& type : day.types)
    options.provisioners[reservation_type{type}]
      = answer_as_recorded(all, noted);
  options.sources.push_back(
    {"recording", [&day, clock](caf::actor_system& system, std::uint64_t) {
       return system.spawn(recorded_pages, std::ref(day), clock);
     }});
  auto store
    = open_leveldb_store(folder + "/store", options.node_id, clock->now());
  if (!store)
    return fail(store.error());
  options.cache = std::move(*store);
  auto engine = provision::engine::make(std::move(options));
  if (!engine)
    return fail(engine.error());
  if (auto failure = (*engine)->start())
    return fail(std::move(failure));
  if (!noted->wait_for_history())
    return fail(errc::deadline_exceeded, "the replay does not come to its end");
  while ((*engine)->reports().waiting > 0)
    ::poll(nullptr, 0, 2);
  engine->reset();
  return noted->take();
}

} // namespace provision::bench
