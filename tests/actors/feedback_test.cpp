#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "tests/actors/feedback_under_test.hpp"
#include "tests/actors/orders.hpp"

using namespace provision;
using namespace provision::testing;
using namespace provision::testing::reporting;
using namespace std::chrono_literals;

BOOST_FIXTURE_TEST_SUITE(feedback_test, feedback_under_test)

BOOST_AUTO_TEST_CASE(delivers_what_was_left_in_the_outbox_first) {
  row("1-1");
  row("1-1", report_kind::deleted);
  start();
  check_equal(explorer->heard, {"result 1-1", "deleted 1-1"});
  BOOST_CHECK(kept->rows.empty());
}

BOOST_AUTO_TEST_CASE(keeps_the_order_per_reservation) {
  explorer->holds = true;
  start();
  send({row("1-1"), row("1-1", report_kind::deleted), row("2-1")});
  check_equal(explorer->heard, {"result 1-1", "result 2-1"});
  explorer->release();
  run();
  check_equal(explorer->heard, {"result 1-1", "result 2-1", "deleted 1-1"});
}

BOOST_AUTO_TEST_CASE(keeps_the_order_of_a_reservation_whose_row_fails) {
  int failures = 3;
  explorer->answer = [&](const std::string& what) {
    return what == "result 1-1" && failures-- > 0 ? broken : error{};
  };
  start();
  send({row("1-1"), row("1-1", report_kind::deleted), row("2-1")});
  check_equal(explorer->heard, {"result 1-1", "result 2-1"});
  advance(20s);
  BOOST_CHECK_EQUAL(explorer->heard.back(), "deleted 1-1");
  BOOST_CHECK_EQUAL(times("result 1-1"), 4);
  BOOST_CHECK(kept->rows.empty());
}

BOOST_AUTO_TEST_CASE(has_several_in_flight_and_not_more_than_allowed) {
  explorer->holds = true;
  options.in_flight_max = 4;
  start();
  std::vector<outbox_row> rows;
  for (int i = 0; i < 10; ++i)
    rows.push_back(row(std::to_string(i) + "-1"));
  send(rows);
  BOOST_CHECK_EQUAL(explorer->waiting.size(), 4);
  BOOST_CHECK_EQUAL(status().in_flight, 4);
  explorer->release();
  run();
  BOOST_CHECK_EQUAL(explorer->waiting.size(), 4);
}

BOOST_AUTO_TEST_CASE(waits_longer_after_each_failure) {
  explorer->answer = [](const std::string&) { return away; };
  start();
  send({row("1-1")});
  std::vector<int> at;
  for (int tenths = 1; tenths <= 320; ++tenths) {
    auto before = explorer->heard.size();
    advance(100ms);
    if (explorer->heard.size() > before)
      at.push_back(tenths);
  }
  std::vector<int> expected_at{10, 30, 70, 150, 230, 310};
  BOOST_CHECK_EQUAL_COLLECTIONS(at.begin(), at.end(), expected_at.begin(),
                                expected_at.end());
}

BOOST_AUTO_TEST_CASE(spreads_its_tries_by_chance) {
  explorer->answer = [](const std::string&) { return away; };
  options.random = [draw = 0.0]() mutable {
    draw = draw == 0.0 ? 0.999 : 0.0;
    return draw;
  };
  start();
  send({row("1-1")});
  // Stretched by 1.5, then by 0.5: after 1.5 s, and 1 s later.
  advance(1400ms);
  BOOST_CHECK_EQUAL(explorer->heard.size(), 1);
  advance(200ms);
  BOOST_CHECK_EQUAL(explorer->heard.size(), 2);
  advance(800ms);
  BOOST_CHECK_EQUAL(explorer->heard.size(), 2);
  advance(200ms);
  BOOST_CHECK_EQUAL(explorer->heard.size(), 3);
}

BOOST_AUTO_TEST_CASE(a_row_that_the_explorer_fails_over_blocks_no_other) {
  explorer->answer = [](const std::string& what) {
    return what == "result 1-1" ? broken : error{};
  };
  start();
  send({row("1-1")});
  for (int i = 2; i < 40; ++i)
    send({row(std::to_string(i) + "-1")});
  for (int i = 2; i < 40; ++i)
    BOOST_CHECK_EQUAL(times("result " + std::to_string(i) + "-1"), 1);
  // While others pass and it never does, it is parked in the end.
  for (int i = 0; i < 20; ++i) {
    send({row("100-" + std::to_string(i))});
    advance(10s);
  }
  BOOST_REQUIRE_EQUAL(kept->parked.size(), 1);
  BOOST_CHECK_EQUAL(kept->parked[0].id, "1-1");
}

BOOST_AUTO_TEST_CASE(an_absence_is_held_against_no_row) {
  explorer->answer = [](const std::string&) { return away; };
  start();
  send({row("1-1"), row("2-1")});
  advance(std::chrono::minutes{10}, 1s);
  BOOST_REQUIRE_GT(times("result 1-1"), 20);
  // It is back, takes one report and stumbles once over the other.
  int others = 0;
  bool stumbled = false;
  explorer->answer = [&](const std::string& what) {
    if (what != "result 1-1")
      return ++others, error{};
    if (others == 0)
      return away;
    return std::exchange(stumbled, true) ? error{} : broken;
  };
  advance(1min);
  BOOST_CHECK(stumbled);
  BOOST_CHECK(kept->parked.empty());
  BOOST_CHECK(kept->rows.empty());
}

BOOST_AUTO_TEST_CASE(has_the_source_look_again_where_the_cache_says) {
  start();
  kept->look_again_from = 5;
  send({row("7-1")});
  BOOST_REQUIRE_EQUAL(looked->size(), 1);
  BOOST_CHECK_EQUAL(looked->front(), 5);
  send({row("9-1")});
  BOOST_CHECK_EQUAL(looked->size(), 1);
}

BOOST_AUTO_TEST_CASE(parks_what_is_refused_for_good) {
  explorer->answer = [](const std::string& what) {
    return what == "result 1-1"
             ? error{errc::explorer_refused, "bad request", 400}
             : error{};
  };
  start();
  send({row("1-1"), row("1-1", report_kind::deleted)});
  BOOST_REQUIRE_EQUAL(kept->parked.size(), 1);
  BOOST_CHECK(kept->parked[0].parked);
  BOOST_CHECK_EQUAL(kept->parked[0].reason, "bad request");
  BOOST_CHECK_EQUAL(times("deleted 1-1"), 1);
  BOOST_CHECK_EQUAL(status().parked, 1);
  BOOST_CHECK(status().last_failure.code == errc::explorer_refused);
}

BOOST_AUTO_TEST_CASE(tries_again_when_the_explorer_is_busy) {
  for (int code : {408, 429}) {
    explorer->answer = [=, first = true](const std::string&) mutable {
      return std::exchange(first, false)
               ? error{errc::explorer_refused, "later", code}
               : error{};
    };
    start();
    send({row("1-1")});
    advance(2s);
  }
  BOOST_CHECK_EQUAL(times("result 1-1"), 4);
  BOOST_CHECK(kept->parked.empty() && kept->rows.empty());
}

BOOST_AUTO_TEST_CASE(counts_a_deletion_of_the_unknown_as_delivered) {
  explorer->answer = [](const std::string&) {
    return error{errc::explorer_refused, "", 404};
  };
  start();
  send({row("1-1"), row("2-1", report_kind::deleted)});
  // Only for deletions: a result that nobody takes is parked.
  BOOST_REQUIRE_EQUAL(kept->parked.size(), 1);
  BOOST_CHECK_EQUAL(kept->parked[0].id, "1-1");
  BOOST_CHECK_EQUAL(status().delivered, 1);
}

BOOST_AUTO_TEST_CASE(delivers_everything_when_the_explorer_comes_back) {
  bool gone = true;
  explorer->answer = [&](const std::string&) { return gone ? away : error{}; };
  options.window_max = 512;
  start();
  constexpr std::size_t count = 3000;
  for (std::size_t i = 0; i < count; ++i)
    send({row(std::to_string(i) + "-1")});
  advance(1h, 1s);
  // Only what fits the window has left the disk.
  BOOST_CHECK(kept->read <= options.window_max);
  BOOST_CHECK_EQUAL(kept->rows.size(), count);
  auto tries = explorer->heard.size();
  BOOST_CHECK(tries < 20000);
  gone = false;
  explorer->heard.clear();
  advance(1min, 1s);
  BOOST_CHECK(kept->rows.empty());
  BOOST_CHECK_EQUAL(status().delivered, count);
  std::set<std::string> different(explorer->heard.begin(),
                                  explorer->heard.end());
  BOOST_CHECK_EQUAL(different.size(), count);
  BOOST_CHECK_EQUAL(explorer->heard.size(), count);
}

BOOST_AUTO_TEST_CASE(holds_no_more_than_the_window_for_one_reservation) {
  explorer->answer = [](const std::string&) { return away; };
  options.window_max = 512;
  for (int i = 0; i < 5000; ++i)
    row("1-1");
  start();
  advance(1h, 1s);
  BOOST_CHECK(kept->read <= options.window_max + 256);
}

BOOST_AUTO_TEST_CASE(takes_a_row_once_that_it_has_read_already) {
  auto first = row("1-1");
  start();
  // The engine's word of a row may come after the row was found on disk.
  send({first});
  BOOST_CHECK_EQUAL(times("result 1-1"), 1);
}

BOOST_AUTO_TEST_CASE(reads_the_outbox_again_when_it_could_not_be_read) {
  row("1-1");
  kept->failure = {errc::storage_failure, "gone"};
  start();
  kept->failure = {};
  advance(1min, 1s);
  BOOST_CHECK_EQUAL(times("result 1-1"), 1);
}

BOOST_AUTO_TEST_CASE(closes_rows_in_groups) {
  explorer->holds = true;
  options.in_flight_max = 200;
  start();
  std::vector<outbox_row> rows;
  for (int i = 0; i < 200; ++i)
    rows.push_back(row(std::to_string(i) + "-1"));
  send(rows);
  explorer->release();
  run();
  BOOST_CHECK(kept->rows.empty());
  BOOST_CHECK(kept->writes <= 5);
}

BOOST_AUTO_TEST_CASE(closes_again_what_a_full_disk_did_not_take) {
  start();
  kept->write_failure = {errc::disk_full, "no space"};
  kept->look_again_from = 1;
  send({row("1-1")});
  send({row("2-1")});
  BOOST_CHECK_EQUAL(kept->rows.size(), 2);
  BOOST_CHECK(looked->empty());
  kept->write_failure = {};
  advance(10min, 1s);
  BOOST_CHECK(kept->rows.empty());
  BOOST_CHECK_EQUAL(looked->size(), 1);
  // The explorer had them all the time.
  BOOST_CHECK_EQUAL(times("result 1-1"), 1);
  BOOST_CHECK_EQUAL(times("result 2-1"), 1);
}

BOOST_AUTO_TEST_CASE(does_not_press_a_full_disk) {
  start();
  kept->write_failure = {errc::disk_full, "no space"};
  send({row("1-1")});
  advance(10min, 1s);
  auto writes = kept->writes;
  BOOST_CHECK(writes > 2);
  send({row("2-1"), row("3-1")});
  BOOST_CHECK_EQUAL(kept->writes, writes);
}

BOOST_AUTO_TEST_CASE(sends_only_the_latest_numbers) {
  explorer->holds = true;
  start();
  for (std::uint16_t count : {1, 2, 3, 4})
    send_volumes(count);
  explorer->release();
  advance(1s);
  explorer->release();
  run();
  std::vector<int> expected_volumes{1, 4};
  BOOST_CHECK_EQUAL_COLLECTIONS(
    explorer->volumes.begin(), explorer->volumes.end(),
    expected_volumes.begin(), expected_volumes.end());
}

BOOST_AUTO_TEST_CASE(sends_numbers_at_once_and_then_at_their_interval) {
  start();
  for (std::uint16_t count = 0; count < 100; ++count) {
    send_volumes(count);
    run();
    advance(10ms, 10ms);
  }
  advance(1s);
  // Every 200 ms of the first second, and the last ones.
  BOOST_CHECK(explorer->volumes.size() >= 5 && explorer->volumes.size() <= 6);
  BOOST_CHECK_EQUAL(explorer->volumes.front(), 0);
  BOOST_CHECK_EQUAL(explorer->volumes.back(), 99);
}

BOOST_AUTO_TEST_CASE(sends_numbers_again_until_they_are_accepted) {
  bool gone = true;
  explorer->answer = [&](const std::string&) { return gone ? away : error{}; };
  start();
  send_volumes(7);
  advance(2s);
  gone = false;
  explorer->volumes.clear();
  advance(1min, 1s);
  BOOST_REQUIRE_EQUAL(explorer->volumes.size(), 1);
  BOOST_CHECK_EQUAL(explorer->volumes[0], 7);
}

BOOST_AUTO_TEST_CASE(asks_no_more_often_because_numbers_changed_often) {
  explorer->answer = [](const std::string&) { return away; };
  start();
  for (std::uint16_t count = 0; count < 100; ++count) {
    send_volumes(count);
    advance(20ms, 20ms);
  }
  advance(1min, 1s);
  explorer->volumes.clear();
  advance(80s, 1s);
  // The longest pause is 8 s: one chain of tries.
  BOOST_CHECK(explorer->volumes.size() <= 12);
}

BOOST_AUTO_TEST_SUITE_END()
