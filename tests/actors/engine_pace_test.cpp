// How far work runs ahead of the explorer that its results go to.
#include <boost/test/unit_test.hpp>

#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace engine_pace_test {
namespace {

struct fixture : node_under_test {
  fixture() {
    feedback_settings.in_flight_max = 1;
    feedback_settings.room = 0;
  }

  /// Each page brings two results: one is on its way, one waits.
  void give_pages(int count) {
    for (int i = 0; i < count; ++i) {
      auto first = std::to_string(++last);
      auto second = std::to_string(++last);
      give({a_volume(first + "-1"), a_volume(second + "-1")});
    }
  }

  int last = 100;
};

} // namespace
} // namespace engine_pace_test

BOOST_FIXTURE_TEST_SUITE(engine_pace_test, engine_pace_test::fixture)

BOOST_AUTO_TEST_CASE(work_does_not_run_far_ahead_of_an_explorer_that_is_slow) {
  explorer->is_silent = true;
  start();
  give_pages(6);
  // Two groups wait, and a third page had been asked for.
  BOOST_TEST(calls.size() == 6U);
}

BOOST_AUTO_TEST_CASE(local_work_goes_on_while_the_explorer_does_not_answer) {
  explorer->is_silent = true;
  start();
  give_pages(6);
  advance(1s, 10ms);
  BOOST_TEST(calls.size() == 12U);
  BOOST_TEST(explorer->reports.size() == 1U);
}

BOOST_AUTO_TEST_CASE(local_work_does_not_wait_for_an_explorer_that_is_away) {
  explorer->answer = [](const report&) {
    return error{errc::explorer_unreachable, "refused"};
  };
  start();
  give_pages(6);
  BOOST_TEST(calls.size() == 12U);
}

BOOST_AUTO_TEST_CASE(all_results_arrive_in_the_end) {
  feedback_settings.in_flight_max = 16;
  start();
  give_pages(6);
  BOOST_TEST(calls.size() == 12U);
  BOOST_TEST(explorer->reports.size() == 12U);
}

BOOST_AUTO_TEST_SUITE_END()
