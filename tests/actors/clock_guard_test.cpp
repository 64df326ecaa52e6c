#include "actors/clock_guard.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

#include "logging/log.hpp"

using namespace provision;
using namespace std::chrono_literals;

namespace clock_guard_test {
namespace {

constexpr auto then = from_unix(1'600'000'000);

struct fixture {
  fixture() {
    log::configure(log::level::off, log::format::text);
    guard.remember({});
  }

  /// Both clocks go on by `span`, the wall clock by `jump` besides.
  bool look(std::chrono::nanoseconds span,
            std::chrono::nanoseconds jump = 0ns) {
    steady += span;
    wall = saturating_add(wall, span + jump);
    return guard.look(wall, clock_guard::moment{steady});
  }

  /// The explorer's clock is `ahead` of the wall clock.
  void hear(std::chrono::nanoseconds ahead) {
    opinion->tell(saturating_add(wall, ahead), clock_guard::moment{steady});
  }

  std::shared_ptr<told_time> opinion = std::make_shared<told_time>();
  clock_guard guard{{.jump_max = 1min, .settling_time = 1h, .offline_max = 24h},
                    opinion};
  timestamp wall = then;
  std::chrono::nanoseconds steady{100s};
};

} // namespace
} // namespace clock_guard_test

BOOST_FIXTURE_TEST_SUITE(clock_guard_test, fixture)

BOOST_AUTO_TEST_CASE(believes_a_clock_that_runs_evenly) {
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(look(10min, i % 2 == 0 ? 20s : -20s));
  BOOST_TEST(!guard.distrust());
}

BOOST_AUTO_TEST_CASE(believes_nothing_before_it_knows_the_time_seen_last) {
  clock_guard fresh{{}};
  BOOST_TEST(!fresh.look(then, clock_guard::moment{100s}));
  fresh.remember(from_unix(then.seconds + 3600));
  // Who looked too early has not made a wrong clock the measure.
  BOOST_TEST(!fresh.look(then, clock_guard::moment{100s}));
  BOOST_TEST((fresh.distrust().code == errc::clock_untrusted));
}

BOOST_AUTO_TEST_CASE(doubts_a_clock_that_jumps_either_way) {
  for (auto jump :
       {std::chrono::nanoseconds{5h}, std::chrono::nanoseconds{-5h}}) {
    fixture other;
    BOOST_TEST(other.look(0s));
    BOOST_TEST(!other.look(30s, jump));
    BOOST_TEST((other.guard.distrust().code == errc::clock_untrusted));
    BOOST_TEST(!other.look(30s));
  }
}

BOOST_AUTO_TEST_CASE(believes_it_again_when_it_comes_back) {
  look(0s);
  look(30s, 5h);
  BOOST_TEST(!look(10min));
  BOOST_TEST(look(30s, -5h));
  BOOST_TEST(!guard.distrust());
}

BOOST_AUTO_TEST_CASE(believes_it_again_once_it_has_settled) {
  look(0s);
  look(30s, 5h);
  BOOST_TEST(!look(59min));
  BOOST_TEST(look(2min));
  // A clock that jumps on and on does not settle.
  look(30s, 5h);
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(!look(30min, 5h));
}

BOOST_AUTO_TEST_CASE(believes_it_again_when_it_is_confirmed) {
  look(0s);
  BOOST_TEST(!look(30s, 5h));
  guard.confirm();
  BOOST_TEST(look(30s));
}

BOOST_AUTO_TEST_CASE(doubts_a_clock_that_is_behind_the_last_start) {
  wall = from_unix(0);
  guard.remember(then);
  BOOST_TEST(!look(0s));
  BOOST_TEST(!look(10min));
  // The time service sets it: the node was off for three hours.
  BOOST_TEST(look(10s, difference(saturating_add(then, 3h), from_unix(0))));
}

BOOST_AUTO_TEST_CASE(doubts_a_clock_that_is_far_ahead_of_the_last_start) {
  guard.remember(from_unix(then.seconds - 25 * 3600));
  BOOST_TEST(!look(0s));
  BOOST_TEST(look(61min));
  clock_guard other{{.offline_max = 24h}};
  other.remember(from_unix(then.seconds - 23 * 3600));
  BOOST_TEST(other.look(then, clock_guard::moment{100s}));
}

// -- the explorer's clock -----------------------------------------------------

BOOST_AUTO_TEST_CASE(doubts_a_clock_that_the_explorers_contradicts) {
  for (auto ahead :
       {std::chrono::nanoseconds{5h}, std::chrono::nanoseconds{-5h}}) {
    fixture other;
    BOOST_TEST(other.look(0s));
    other.hear(ahead);
    BOOST_TEST(!other.look(30s));
    BOOST_TEST((other.guard.distrust().code == errc::clock_untrusted));
    // However evenly it runs, as long as it is contradicted.
    for (int i = 0; i < 100; ++i) {
      other.hear(ahead);
      BOOST_TEST(!other.look(10min));
    }
    other.hear(2s);
    BOOST_TEST(other.look(30s));
  }
}

BOOST_AUTO_TEST_CASE(believes_a_jump_back_to_what_the_explorer_says) {
  look(0s);
  look(30s, 5h);
  // The time service had set it right, and the explorer says so.
  hear(20s);
  BOOST_TEST(look(10s));
  // What was heard before a jump speaks against it.
  BOOST_TEST(!look(30s, 5h));
  BOOST_TEST(!look(30s));
  BOOST_TEST(look(30s, -5h));
}

BOOST_AUTO_TEST_CASE(counts_on_the_monotonic_clock_between_two_answers) {
  look(0s);
  hear(0s);
  BOOST_TEST(look(50min));
  BOOST_TEST(!look(1min, 2min));
}

BOOST_AUTO_TEST_CASE(forgets_what_it_heard_an_hour_ago) {
  look(0s);
  hear(5h);
  BOOST_TEST(!look(59min));
  // On its own again: it has to run evenly for the settling time.
  BOOST_TEST(!look(2min));
  BOOST_TEST(!look(50min));
  BOOST_TEST(look(10min));
}

BOOST_AUTO_TEST_CASE(lets_an_operator_overrule_the_explorer_once) {
  look(0s);
  hear(5h);
  BOOST_TEST(!look(30s));
  guard.confirm();
  for (int i = 0; i < 10; ++i) {
    hear(5h);
    BOOST_TEST(look(10min));
  }
  // It says something else now: that was not confirmed.
  hear(7h);
  BOOST_TEST(!look(30s));
}

BOOST_AUTO_TEST_CASE(waits_for_the_explorers_word_after_a_long_rest) {
  guard.remember(from_unix(then.seconds - 2 * 3600));
  BOOST_TEST(!look(0s));
  hear(0s);
  BOOST_TEST(look(1s));
  // It stood two hours ahead while the node was off.
  fixture ahead;
  ahead.guard.remember(from_unix(then.seconds - 2 * 3600));
  BOOST_TEST(!ahead.look(0s));
  ahead.hear(-2h);
  BOOST_TEST(!ahead.look(1s));
  BOOST_TEST(!ahead.look(10min));
  // Nobody says anything: not for ever.
  fixture silent;
  silent.guard.remember(from_unix(then.seconds - 2 * 3600));
  BOOST_TEST(!silent.look(59s));
  BOOST_TEST(!silent.look(30s));
  BOOST_TEST(silent.look(31s));
}

BOOST_AUTO_TEST_SUITE_END()
