#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <caf/actor_cast.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

namespace provision {

/// Runs the steps of actors one after the other on one thread, the leader, as
/// long as there are short ones; the steps of actors that take long, because
/// they wait for a disk or compute for milliseconds, on others beside it. With
/// nothing short left to do the leader takes a long step itself and wakes
/// nobody for it: one reservation at a time goes its whole way on one thread,
/// and many at once keep all cores busy. (Known as leader and followers.)
///
/// Load it into an `actor_system_config`; `scheduler.max-threads` bounds how
/// many steps are under way at once, and so should be one more than there are
/// actors that take long.
class leader_scheduler final : public caf::scheduler::abstract_coordinator {
public:
  explicit leader_scheduler(caf::actor_system& system);
  ~leader_scheduler() override;

  static caf::actor_system::module* make(caf::actor_system& system,
                                         caf::detail::type_list<>);

  /// An actor of `system`, which must have this scheduler, whose steps take
  /// long. It sends nothing before it has waited: whoever gets a message from
  /// the midst of a step may be run when that has ended.
  template <class... Args>
  static auto spawn_long(caf::actor_system& system, Args&&... args) {
    // Not begun before it is known: its first step counts, too.
    auto made = system.spawn<caf::lazy_init>(std::forward<Args>(args)...);
    dynamic_cast<leader_scheduler&>(system.scheduler())
      .add_long(dynamic_cast<caf::resumable*>(
        caf::actor_cast<caf::abstract_actor*>(made)));
    return made;
  }

  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void start() override;
  void stop() override;

private:
  class worker;
  using guard = std::unique_lock<std::mutex>;
  using queue = std::deque<caf::resumable*>;

  void add_long(caf::resumable* actor);
  void add_worker();
  void call_for(std::size_t jobs);
  void run(worker& self);
  void go_on(worker& self, guard& held);
  bool lead(worker& self, guard& held);
  bool take_long(worker& self, guard& held);
  void run_first(queue& from, worker& self, std::size_t messages_max,
                 guard& held);
  void wait_for_call(worker& self, guard& held);

  std::mutex mutex_ = {};
  queue short_jobs_ = {};
  queue long_jobs_ = {};
  std::vector<caf::resumable*> long_actors_ = {};
  /// Who takes the next short job; nobody while there is none.
  worker* leader_ = nullptr;
  /// Who waits to be called; the last one is warm.
  std::vector<worker*> waiting_ = {};
  /// Who was called and has not come yet.
  std::size_t called_ = 0;
  std::vector<std::unique_ptr<worker>> workers_;
  bool is_stopping_ = false;
  caf::detail::thread_safe_actor_clock clock_ = {};
  std::thread timer_ = {};
};

} // namespace provision
