#include "actors/clock_guard.hpp"

#include <boost/test/unit_test.hpp>

#include "logging/log.hpp"

using namespace provision;
using namespace std::chrono_literals;

namespace {

constexpr auto then = from_unix(1'600'000'000);

struct fixture {
  fixture() { log::configure(log::level::off, log::format::text); }

  /// Both clocks go on by `span`, the wall clock by `jump` besides.
  bool look(std::chrono::nanoseconds span,
            std::chrono::nanoseconds jump = 0ns) {
    steady += span;
    wall = saturating_add(wall, span + jump);
    return guard.look(wall, clock_guard::moment{steady});
  }

  clock_guard guard{
    {.jump_max = 1min, .settling_time = 1h, .offline_max = 24h}};
  timestamp wall = then;
  std::chrono::nanoseconds steady{100s};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(clock_guard_test, fixture)

BOOST_AUTO_TEST_CASE(believes_a_clock_that_runs_evenly) {
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(look(10min, i % 2 == 0 ? 20s : -20s));
  BOOST_TEST(!guard.distrust());
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
  fixture other;
  other.guard.remember(from_unix(then.seconds - 23 * 3600));
  BOOST_TEST(other.look(0s));
}

BOOST_AUTO_TEST_SUITE_END()
