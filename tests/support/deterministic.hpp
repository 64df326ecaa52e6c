#pragma once

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "actors/caf_error.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision::testing {

/// A wall clock that moves when told.
class manual_clock final : public wall_clock {
public:
  timestamp now() const override { return now_; }
  void set(timestamp t) { now_ = t; }
  void advance(std::chrono::nanoseconds span) {
    now_ = saturating_add(now_, span);
  }

private:
  timestamp now_ = from_unix(1'614'250'060);
};

/// Actors without threads: messages are delivered when told, one by one, and
/// time is virtual.
class deterministic {
public:
  deterministic() = default;

  ~deterministic() {
    for (auto& one : owned_)
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    run();
    // A timer that was never reached must not hang the test.
    system.await_actors_before_shutdown(false);
    scheduler.clock().cancel_all();
  }

  /// Spawns an actor that ends with the test.
  template <class Function, class... Args>
  auto spawn(Function function, Args&&... args) {
    auto handle = system.spawn(function, std::forward<Args>(args)...);
    owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  /// Keeps an actor that was spawned elsewhere until the test ends.
  template <class Handle>
  Handle keep(Handle handle) {
    owned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(handle));
    return handle;
  }

  /// Delivers until nothing is left to deliver.
  std::size_t run() {
    std::size_t steps = 0;
    for (; scheduler.has_job(); ++steps) {
      draw_next();
      scheduler.run_once();
    }
    return steps;
  }

  /// From now on it is drawn who is next to take a message; `seed` stands for
  /// one schedule. Nothing else may depend on it.
  void shuffle(std::uint32_t seed) { schedule_.emplace(seed); }

  /// Virtual and wall time pass, in steps so that renewed timers fire as often
  /// as they would.
  void advance(std::chrono::nanoseconds total,
               std::chrono::nanoseconds step = std::chrono::milliseconds{100}) {
    run();
    for (std::chrono::nanoseconds passed{0}; passed < total; passed += step) {
      auto span = std::min(step, total - passed);
      clock->advance(span);
      scheduler.advance_time(span);
      run();
    }
  }

  /// Asks and runs everything to completion; errc::deadline_exceeded if there
  /// is no answer yet.
  template <class Reply, class Handle, class Request>
  expected<Reply> ask(const Handle& whom, Request request) {
    expected<Reply> answer = fail(errc::deadline_exceeded, "no answer yet");
    auto pending = self->request(whom, caf::infinite, std::move(request));
    run();
    if (self->has_next_message())
      pending.receive([&](Reply& reply) { answer = std::move(reply); },
                      [&](caf::error& err) { answer = fail(from_caf(err)); });
    return answer;
  }

  struct virtual_threads : caf::actor_system_config {
    virtual_threads() { set("scheduler.policy", caf::atom("testing")); }
  };

  virtual_threads threads = {};
  caf::actor_system system{threads};
  caf::scheduler::test_coordinator& scheduler
    = dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  caf::scoped_actor self{system};
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>();

private:
  void draw_next() {
    if (!schedule_)
      return;
    auto& jobs = scheduler.jobs;
    std::uniform_int_distribution<std::ptrdiff_t> any{
      0, static_cast<std::ptrdiff_t>(jobs.size()) - 1};
    std::rotate(jobs.begin(), jobs.begin() + any(*schedule_), jobs.end());
  }

  std::vector<caf::strong_actor_ptr> owned_ = {};
  std::optional<std::mt19937> schedule_ = {};
};

} // namespace provision::testing
