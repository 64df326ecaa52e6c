#include "actors/threads/leader_scheduler.hpp"

#include <algorithm>
#include <system_error>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/detail/set_thread_name.hpp>
#include <caf/execution_unit.hpp>

namespace provision {

namespace {

/// Messages that an actor handles before others have their turn.
constexpr std::size_t short_messages_max = 64;
constexpr std::size_t long_messages_max = 1;

} // namespace

/// One thread, and what CAF calls the unit that executes actors.
class leader_scheduler::worker final : public caf::execution_unit {
public:
  explicit worker(leader_scheduler& parent)
    : caf::execution_unit{&parent.system()}, parent{parent} {}

  void exec_later(caf::resumable* job) override { parent.enqueue(job); }

  leader_scheduler& parent;
  std::thread thread = {};
  std::condition_variable called = {};
  bool is_called = false;
  /// The worker that the calling thread is.
  static thread_local worker* here;
};

thread_local leader_scheduler::worker* leader_scheduler::worker::here = nullptr;

leader_scheduler::leader_scheduler(caf::actor_system& system)
  : abstract_coordinator{system} {
}

leader_scheduler::~leader_scheduler() = default;

caf::actor_system::module* leader_scheduler::make(caf::actor_system& system,
                                                  caf::detail::type_list<>) {
  return new leader_scheduler(system);
}

// -- start and end ------------------------------------------------------------

void leader_scheduler::start() {
  timer_ = std::thread{[this] {
    caf::detail::set_thread_name("caf.clock");
    system().thread_started();
    clock_.run_dispatch_loop();
    system().thread_terminates();
  }};
  {
    guard held{mutex_};
    add_worker();
  }
  abstract_coordinator::start();
}

/// What is ready now is still run.
void leader_scheduler::stop() {
  stop_actors();
  std::vector<std::unique_ptr<worker>> ending;
  {
    guard held{mutex_};
    is_stopping_ = true;
    waiting_.clear();
    ending.swap(workers_);
    for (auto& one : ending)
      one->called.notify_one();
  }
  for (auto& one : ending)
    one->thread.join();
  clock_.cancel_dispatch_loop();
  timer_.join();
  for (auto* left : {&short_jobs_, &long_jobs_})
    for (auto* job : std::exchange(*left, {}))
      cleanup_and_release(job);
}

// -- jobs come in -------------------------------------------------------------

void leader_scheduler::add_long(caf::resumable* actor) {
  guard held{mutex_};
  long_actors_.push_back(actor);
}

void leader_scheduler::enqueue(caf::resumable* job) {
  guard held{mutex_};
  const bool is_long
    = std::ranges::find(long_actors_, job) != long_actors_.end();
  (is_long ? long_jobs_ : short_jobs_).push_back(job);
  // A thread of ours looks at the queues when its step ends, and may have
  // nothing else to do then.
  const bool is_ours = worker::here != nullptr && &worker::here->parent == this;
  if (is_long && (!is_ours || !short_jobs_.empty()))
    call_for(long_jobs_.size());
  else if (!is_long && !is_ours && leader_ == nullptr)
    call_for(1);
}

/// Sees to it that so many threads are on their way.
void leader_scheduler::call_for(std::size_t jobs) {
  while (called_ < jobs && !is_stopping_) {
    if (!waiting_.empty()) {
      auto& next = *waiting_.back();
      waiting_.pop_back();
      next.is_called = true;
      ++called_;
      next.called.notify_one();
    } else if (workers_.size() < num_workers()) {
      try {
        add_worker();
      } catch (const std::system_error&) {
        // The host has no thread to give: whoever comes free takes the job.
        return;
      }
    } else {
      return;
    }
  }
}

void leader_scheduler::add_worker() {
  auto fresh = std::make_unique<worker>(*this);
  fresh->thread = std::thread{[this, self = fresh.get()] { run(*self); }};
  fresh->is_called = true;
  ++called_;
  workers_.push_back(std::move(fresh));
}

// -- jobs are done ------------------------------------------------------------

void leader_scheduler::run(worker& self) {
  caf::detail::set_thread_name("caf.step");
  system().thread_started();
  worker::here = &self;
  {
    guard held{mutex_};
    go_on(self, held);
  }
  worker::here = nullptr;
  system().thread_terminates();
}

void leader_scheduler::go_on(worker& self, guard& held) {
  for (;;) {
    if (std::exchange(self.is_called, false))
      --called_;
    while (lead(self, held) || take_long(self, held)) {
    }
    if (is_stopping_)
      return;
    wait_for_call(self, held);
  }
}

/// Takes a short job, if nobody else leads.
bool leader_scheduler::lead(worker& self, guard& held) {
  if (leader_ == nullptr)
    leader_ = &self;
  if (leader_ != &self)
    return false;
  if (short_jobs_.empty()) {
    leader_ = nullptr;
    return false;
  }
  call_for(long_jobs_.size());
  run_first(short_jobs_, self, short_messages_max, held);
  return true;
}

/// Takes a long one, beside whoever leads.
bool leader_scheduler::take_long(worker& self, guard& held) {
  if (long_jobs_.empty())
    return false;
  call_for(long_jobs_.size() - 1);
  run_first(long_jobs_, self, long_messages_max, held);
  return true;
}

void leader_scheduler::run_first(queue& from, worker& self,
                                 std::size_t messages_max, guard& held) {
  auto* job = from.front();
  from.pop_front();
  held.unlock();
  auto result = job->resume(&self, messages_max);
  if (result != caf::resumable::resume_later)
    caf::intrusive_ptr_release(job);
  held.lock();
  if (result == caf::resumable::resume_later)
    from.push_back(job);
}

void leader_scheduler::wait_for_call(worker& self, guard& held) {
  waiting_.push_back(&self);
  self.called.wait(held, [&] { return self.is_called || is_stopping_; });
}

} // namespace provision
