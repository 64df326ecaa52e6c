#include "actors/work_queue.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>

using namespace provision;

namespace work_queue_test {
namespace {

intent an_intent(std::string id, reservation_type type) {
  auto row = std::make_shared<record>();
  row->id = std::move(id);
  row->type = std::move(type);
  return {row, nullptr, {}};
}

struct fixture {
  fixture() {
    for (auto* id : {"1-1", "2-1", "3-1"})
      queue.push_back(an_intent(id, reservation_types::zdb));
    queue.push_back(an_intent("4-1", reservation_types::volume));
  }

  std::string next() {
    last = queue.pop_front();
    return last.work.row->id;
  }

  void set_aside(wait_cause cause) {
    queue.wait(queue.pop_front(), cause, "because", from_unix(7));
  }

  work_queue queue;
  work_queue::place last;
};

} // namespace
} // namespace work_queue_test

BOOST_FIXTURE_TEST_SUITE(work_queue_test, fixture)

BOOST_AUTO_TEST_CASE(hands_out_in_the_order_of_arrival) {
  for (auto* id : {"1-1", "2-1", "3-1", "4-1"})
    BOOST_TEST(next() == id);
  BOOST_TEST(queue.empty());
}

BOOST_AUTO_TEST_CASE(lets_others_pass_only_while_one_waits) {
  set_aside(wait_cause::pause);
  BOOST_TEST(next() == "2-1");
  BOOST_TEST(queue.wake("1-1"));
  // Back at its old place, before those that came after it.
  BOOST_TEST(next() == "1-1");
  BOOST_TEST(next() == "3-1");
}

BOOST_AUTO_TEST_CASE(wakes_a_type_in_its_old_order) {
  for (int i = 0; i < 4; ++i)
    set_aside(wait_cause::type);
  queue.push_back(an_intent("5-1", reservation_types::zdb));
  queue.wake_type(reservation_types::zdb);
  for (auto* id : {"1-1", "2-1", "3-1", "5-1"})
    BOOST_TEST(next() == id);
  BOOST_TEST(queue.waits("4-1"));
}

BOOST_AUTO_TEST_CASE(wakes_nobody_early_who_waits_for_something_else) {
  set_aside(wait_cause::pause);
  set_aside(wait_cause::confirmation);
  queue.wake_type(reservation_types::zdb);
  BOOST_TEST(queue.waiting() == 2);
  queue.wake_all(wait_cause::confirmation);
  BOOST_TEST(next() == "2-1");
  BOOST_TEST(queue.waits("1-1"));
  BOOST_TEST(!queue.wake("9-9"));
}

BOOST_AUTO_TEST_CASE(shows_who_waits_and_why) {
  set_aside(wait_cause::type);
  set_aside(wait_cause::pause);
  auto shown = queue.list_waiting(10);
  BOOST_REQUIRE(shown.size() == 2);
  BOOST_TEST(shown[0].id == "1-1");
  BOOST_TEST(shown[1].id == "2-1");
  BOOST_TEST(shown[0].reason == "because");
  BOOST_TEST((shown[0].since == from_unix(7)));
  BOOST_TEST(queue.list_waiting(1).size() == 1);
  BOOST_TEST(queue.waiting(reservation_types::zdb) == 2);
  BOOST_TEST(queue.waiting(wait_cause::pause) == 1);
  auto taken = queue.take_waiting("1-1");
  BOOST_TEST(taken.work.row->id == "1-1");
  BOOST_TEST(!queue.waits("1-1"));
}

BOOST_AUTO_TEST_SUITE_END()
