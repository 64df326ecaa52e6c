// Whoever hands over more reports than the explorer takes is asked to wait, for
// a while.
#include <boost/test/unit_test.hpp>

#include "tests/actors/asking.hpp"
#include "tests/actors/feedback_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace provision::testing::reporting;
using namespace std::chrono_literals;

namespace feedback_room_test {
namespace {

struct fixture : feedback_under_test {
  fixture() {
    options.in_flight_max = 2;
    options.room = 3;
    explorer->holds = true;
  }

  /// Reports of this many reservations; `taken` grows when there is room.
  void hand_over(int count) {
    send_reports more;
    for (int i = 0; i < count; ++i)
      more.rows.push_back(row(std::to_string(++last) + "-1"));
    ask_later(*this, actor, std::move(more), taken);
  }

  int last = 0;
  std::vector<expected<done>> taken = {};
};

} // namespace
} // namespace feedback_room_test

BOOST_FIXTURE_TEST_SUITE(feedback_room_test, feedback_room_test::fixture)

BOOST_AUTO_TEST_CASE(takes_at_once_what_there_is_room_for) {
  start();
  hand_over(5);
  BOOST_TEST(taken.size() == 1U);
}

BOOST_AUTO_TEST_CASE(asks_to_wait_until_enough_was_accepted) {
  start();
  hand_over(5);
  hand_over(1);
  BOOST_TEST(taken.size() == 1U);
  explorer->release();
  run();
  BOOST_TEST(taken.size() == 2U);
  BOOST_TEST(!!taken.back());
}

BOOST_AUTO_TEST_CASE(asks_nobody_to_wait_longer_than_its_patience) {
  start();
  hand_over(6);
  advance(99ms, 1ms);
  hand_over(1);
  BOOST_TEST(taken.empty());
  advance(1ms, 1ms);
  BOOST_TEST(taken.size() == 1U);
  advance(98ms, 1ms);
  BOOST_TEST(taken.size() == 1U);
  advance(1ms, 1ms);
  BOOST_TEST(taken.size() == 2U);
}

BOOST_AUTO_TEST_CASE(asks_nobody_to_wait_for_an_explorer_that_is_away) {
  start();
  hand_over(6);
  BOOST_TEST(taken.empty());
  explorer->release(away);
  run();
  BOOST_TEST(taken.size() == 1U);
  hand_over(6);
  BOOST_TEST(taken.size() == 2U);
}

BOOST_AUTO_TEST_CASE(asks_to_wait_while_rows_are_only_on_disk) {
  options.window_max = 5;
  options.room = 5;
  start();
  hand_over(9);
  BOOST_TEST(taken.empty());
  for (int i = 0; i < 9; ++i) {
    explorer->release();
    run();
  }
  BOOST_TEST(taken.size() == 1U);
  BOOST_TEST(kept->rows.empty());
}

BOOST_AUTO_TEST_SUITE_END()
