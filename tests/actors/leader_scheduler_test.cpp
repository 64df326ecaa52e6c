#include "actors/threads/leader_scheduler.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <string>
#include <thread>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include "actors/threads/batch_threads.hpp"

using namespace provision;

// What actors refer to is declared before their system, which waits for them.
namespace leader_scheduler_test {
namespace {

struct few_threads : caf::actor_system_config {
  explicit few_threads(std::size_t count) {
    load<leader_scheduler>();
    set("scheduler.max-threads", count);
    add_thread_hook<batch_threads>();
  }
};

struct system_under_test {
  explicit system_under_test(std::size_t threads) : config{threads} {}

  /// An actor whose steps take long.
  caf::actor spawn_long(caf::behavior does) {
    return leader_scheduler::spawn_long(
      system, [does](caf::event_based_actor*) { return does; });
  }

  few_threads config;
  caf::actor_system system{config};
};

int ask(caf::actor_system& system, const caf::actor& whom, int what) {
  int answer = -1;
  caf::scoped_actor self{system};
  self->request(whom, caf::infinite, what)
    .receive([&](int got) { answer = got; },
             [](const caf::error&) { BOOST_ERROR("no answer"); });
  return answer;
}

/// Says in how many steps at once it was.
struct crowd {
  void enter() {
    auto now = ++inside;
    for (auto before = most.load();
         before < now && !most.compare_exchange_weak(before, now);) {
    }
  }
  void leave() { --inside; }

  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
};

} // namespace
} // namespace leader_scheduler_test

using namespace leader_scheduler_test;

BOOST_AUTO_TEST_SUITE(leader_scheduler_test)

BOOST_AUTO_TEST_CASE(answers_whoever_asks_from_outside) {
  system_under_test one{3};
  auto twice = one.system.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](int n) { return 2 * n; }};
  });
  for (int i = 0; i < 1000; ++i)
    BOOST_REQUIRE_EQUAL(ask(one.system, twice, i), 2 * i);
}

BOOST_AUTO_TEST_CASE(short_steps_come_one_after_the_other) {
  crowd at_once;
  constexpr int hops = 2000;
  std::vector<caf::actor> ring;
  std::latch ended{8};
  system_under_test one{4};
  for (int i = 0; i < 8; ++i)
    ring.push_back(
      one.system.spawn([&, i](caf::event_based_actor* self) -> caf::behavior {
        return {[&, i, self](int left) {
          at_once.enter();
          if (left == 0)
            ended.count_down();
          else
            self->send(ring[static_cast<std::size_t>(i + 1) % ring.size()],
                       left - 1);
          at_once.leave();
        }};
      }));
  for (auto& each : ring)
    caf::anon_send(each, hops);
  ended.wait();
  BOOST_CHECK_EQUAL(at_once.most, 1);
  for (auto& each : ring)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(one_that_has_nothing_else_to_do_takes_a_long_step_itself) {
  std::promise<std::pair<std::thread::id, std::thread::id>> found;
  std::thread::id long_thread;
  system_under_test one{3};
  auto slow = one.spawn_long(caf::behavior{[&](int n) {
    long_thread = std::this_thread::get_id();
    return n;
  }});
  one.system.spawn([&](caf::event_based_actor* self) {
    self->request(slow, caf::infinite, 1)
      .then([&, asked = std::this_thread::get_id()](int) {
        BOOST_CHECK(asked == std::this_thread::get_id());
        found.set_value({asked, long_thread});
      });
  });
  auto [asked, answered] = found.get_future().get();
  BOOST_CHECK(asked == answered);
  caf::anon_send_exit(slow, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(a_long_step_holds_up_no_short_one) {
  std::promise<void> begun;
  std::promise<void> released;
  system_under_test one{2};
  auto slow = one.spawn_long(caf::behavior{[&](int n) {
    begun.set_value();
    released.get_future().wait();
    return n;
  }});
  auto twice = one.system.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](int n) { return 2 * n; }};
  });
  auto answer
    = std::async(std::launch::async, [&] { return ask(one.system, slow, 7); });
  begun.get_future().wait();
  for (int i = 0; i < 100; ++i)
    BOOST_REQUIRE_EQUAL(ask(one.system, twice, i), 2 * i);
  released.set_value();
  BOOST_CHECK_EQUAL(answer.get(), 7);
  caf::anon_send_exit(slow, caf::exit_reason::user_shutdown);
}

// Each waits for the others inside its step, so that they pass only together;
// and the short one that asks them all goes on beside them.
BOOST_AUTO_TEST_CASE(long_steps_go_on_beside_one_another) {
  constexpr int count = 3;
  std::latch together{count + 1};
  std::promise<int> sum;
  std::vector<caf::actor> slow;
  system_under_test one{count + 1};
  for (int i = 0; i < count; ++i)
    slow.push_back(one.spawn_long(caf::behavior{[&](int n) {
      together.arrive_and_wait();
      return n;
    }}));
  auto asks
    = one.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
        auto all = std::make_shared<std::pair<int, int>>();
        for (auto& each : slow)
          self->request(each, caf::infinite, 1).then([&, all](int n) {
            all->first += n;
            if (++all->second == count)
              sum.set_value(all->first);
          });
        self->send(self, 0);
        return {[&](int) { together.count_down(); }};
      });
  BOOST_CHECK_EQUAL(sum.get_future().get(), count);
  for (auto& each : slow)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(asks, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(with_more_long_steps_than_threads_each_has_its_turn) {
  std::vector<caf::actor> slow;
  std::promise<int> ended;
  system_under_test one{2};
  for (int i = 0; i < 6; ++i)
    slow.push_back(one.spawn_long(caf::behavior{[](int n) { return n + 1; }}));
  auto asks
    = one.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
        return {[&, self](int left) {
          auto open = std::make_shared<std::size_t>(slow.size());
          for (auto& each : slow)
            self->request(each, caf::infinite, left)
              .then([&, self, open, left](int) {
                if (--*open > 0)
                  return;
                if (left == 0)
                  ended.set_value(left);
                else
                  self->send(self, left - 1);
              });
        }};
      });
  caf::anon_send(asks, 2000);
  BOOST_CHECK_EQUAL(ended.get_future().get(), 0);
  for (auto& each : slow)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(asks, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(nothing_is_lost_between_many_senders) {
  constexpr int each = 5000;
  constexpr int senders = 3;
  std::promise<int> all;
  int got = 0;
  system_under_test one{4};
  auto counts = one.system.spawn([&](caf::event_based_actor*) -> caf::behavior {
    return {[&](int n) {
      got += n;
      if (got == 2 * each * senders)
        all.set_value(got);
    }};
  });
  caf::actor slow = leader_scheduler::spawn_long(
    one.system, [&](caf::event_based_actor* self) -> caf::behavior {
      return {[&, self](int n) { self->send(counts, n); }};
    });
  std::vector<std::thread> outside;
  for (int i = 0; i < senders; ++i)
    outside.emplace_back([&] {
      for (int j = 0; j < each; ++j) {
        caf::anon_send(counts, 1);
        caf::anon_send(slow, 1);
      }
    });
  for (auto& thread : outside)
    thread.join();
  BOOST_CHECK_EQUAL(all.get_future().get(), 2 * each * senders);
  caf::anon_send_exit(slow, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(counts, caf::exit_reason::user_shutdown);
}

BOOST_AUTO_TEST_CASE(keeps_delayed_messages_until_their_time) {
  std::promise<std::chrono::steady_clock::duration> waited;
  system_under_test one{2};
  one.system.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, std::chrono::milliseconds{20},
                       self->clock().now());
    return {[&, self](std::chrono::steady_clock::time_point then) {
      waited.set_value(self->clock().now() - then);
      self->quit();
    }};
  });
  BOOST_CHECK(waited.get_future().get() >= std::chrono::milliseconds{20});
}

// A system that goes while actors are busy waits for them, and for nothing
// more.
BOOST_AUTO_TEST_CASE(ends_with_its_system_however_often) {
  for (int i = 0; i < 200; ++i) {
    system_under_test one{3};
    auto slow = one.spawn_long(caf::behavior{[](int n) { return n; }});
    one.system.spawn([slow](caf::event_based_actor* self) {
      self->request(slow, caf::infinite, 1).then([slow](int) {
        caf::anon_send_exit(slow, caf::exit_reason::user_shutdown);
      });
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
