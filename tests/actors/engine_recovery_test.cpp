#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>

#include "identity/result_signature.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/orders.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;

BOOST_FIXTURE_TEST_SUITE(engine_recovery_test, node_under_test)

BOOST_AUTO_TEST_CASE(keeps_everything_across_a_restart) {
  start();
  give({a_volume("1-1"), a_zdb("2-1")});
  restart();
  BOOST_CHECK_EQUAL(calls.size(), 2);
  BOOST_CHECK_EQUAL(numbers->current_units().sru, 10);
  BOOST_CHECK_EQUAL(numbers->current_units().hru, 5);
  give({deleting(a_volume("1-1"))});
  BOOST_CHECK(!find("1-1"));
}

BOOST_AUTO_TEST_CASE(takes_up_again_what_a_crash_cut_short) {
  // The store dies after the intents: no outcome can be written.
  int writes = 0;
  before_apply = [&] {
    return ++writes > 1 ? error{errc::storage_failure, "gone"} : error{};
  };
  start();
  give({a_volume("1-1"), a_volume("2-1")});
  BOOST_CHECK(explorer->reports.empty());
  before_apply = {};
  restart();
  check_equal(calls, {"provision 1-1", "provision 2-1", "provision 1-1",
                      "provision 2-1"});
  check_equal(explorer->heard(), {"result 1-1", "result 2-1"});
  BOOST_CHECK_EQUAL(find("1-1")->attempts, 2);
}

BOOST_AUTO_TEST_CASE(quarantines_what_the_daemon_died_over_three_times) {
  before_apply = [writes = 0]() mutable {
    return ++writes > 1 ? error{errc::storage_failure, "gone"} : error{};
  };
  start();
  give({a_volume("1-1"), a_volume("2-1")});
  before_apply = {};
  // Each death happens while 1-1 is at its provisioner; 2-1 never gets a turn.
  for (int death = 0; death < 3; ++death) {
    mark->set("1-1");
    if (death < 2)
      before_apply = [writes = 0]() mutable {
        return ++writes > 1 ? error{errc::storage_failure, "gone"} : error{};
      };
    restart();
    before_apply = {};
  }
  auto set_aside = *store().quarantine({}, 10);
  BOOST_REQUIRE_EQUAL(set_aside.size(), 1);
  BOOST_CHECK_EQUAL(set_aside[0].key, "1-1");
  BOOST_CHECK(find("1-1")->state == record_state::failed);
  BOOST_CHECK(find("2-1")->state == record_state::provisioned);
}

BOOST_AUTO_TEST_CASE(pauses_while_the_store_refuses_and_resumes_by_itself) {
  bool full = true;
  before_apply = [&] {
    return full ? error{errc::disk_full, "no space"} : error{};
  };
  start();
  give({a_volume("1-1")});
  BOOST_CHECK(calls.empty());
  BOOST_CHECK(status().paused.code == errc::disk_full);
  full = false;
  advance(std::chrono::seconds{2});
  check_equal(calls, {"provision 1-1"});
  check_equal(explorer->heard(), {"result 1-1"});
  BOOST_CHECK(!status().paused);
}

BOOST_AUTO_TEST_CASE(asks_a_full_store_once_a_second_however_much_it_refused) {
  bool full = false;
  int refused = 0;
  before_apply = [&] {
    refused += full ? 1 : 0;
    return full ? error{errc::disk_full, "no space"} : error{};
  };
  on_provision = [&](const reservation& r) -> expected<std::string> {
    full = r.id == "1-1";
    return "{}";
  };
  start();
  // First an outcome is refused, then, at another moment, a page.
  give({a_volume("1-1")});
  advance(std::chrono::milliseconds{300});
  give({a_volume("2-1")});
  int seconds = 0;
  for (; seconds < 20; ++seconds) {
    advance(std::chrono::seconds{1});
    BOOST_CHECK(status().paused.code == errc::disk_full);
  }
  // An outcome and a page, each second.
  BOOST_CHECK_LE(refused, 2 * (seconds + 1));
  full = false;
  advance(std::chrono::seconds{2});
  check_equal(calls, {"provision 1-1", "provision 2-1"});
  check_equal(explorer->heard(), {"result 1-1", "result 2-1"});
  BOOST_CHECK(!status().paused);
}

BOOST_AUTO_TEST_CASE(loses_no_outcome_that_the_store_refused_once) {
  int writes = 0;
  before_apply = [&] {
    return ++writes == 2 ? error{errc::disk_full, "no space"} : error{};
  };
  start();
  give({a_volume("1-1")});
  BOOST_CHECK(explorer->reports.empty());
  advance(std::chrono::seconds{2});
  check_equal(calls, {"provision 1-1"});
  check_equal(explorer->heard(), {"result 1-1"});
}

BOOST_AUTO_TEST_CASE(delivers_results_once_the_explorer_is_back) {
  bool away = true;
  explorer->answer = [&](const report&) {
    return away ? error{errc::explorer_unreachable, "refused"} : error{};
  };
  start();
  give({a_volume("1-1"), a_volume("2-1")});
  BOOST_CHECK_EQUAL(calls.size(), 2);
  explorer->reports.clear();
  away = false;
  advance(std::chrono::seconds{30});
  auto heard = explorer->heard();
  std::sort(heard.begin(), heard.end());
  check_equal(heard, {"result 1-1", "result 2-1"});
  BOOST_CHECK((*store().outbox(0, 10)).empty());
}

BOOST_AUTO_TEST_CASE(resends_the_outbox_byte_for_byte_after_a_restart) {
  explorer->answer = [](const report&) {
    return error{errc::explorer_unreachable, "refused"};
  };
  start();
  give({a_volume("1-1")});
  auto first = explorer->reports.at(0);
  explorer->reports.clear();
  explorer->answer = [](const report&) { return error{}; };
  restart();
  BOOST_REQUIRE_EQUAL(explorer->reports.size(), 1);
  BOOST_CHECK(explorer->reports[0] == first);
}

BOOST_AUTO_TEST_CASE(parks_a_report_that_is_refused_for_good) {
  explorer->answer = [](const report& r) {
    return r.id == "1-1" ? error{errc::explorer_refused, "bad request", 400}
                         : error{};
  };
  start();
  give({a_volume("1-1"), a_volume("2-1")});
  BOOST_CHECK_EQUAL((*store().parked(10)).size(), 1);
  BOOST_CHECK((*store().outbox(0, 10)).empty());
}

BOOST_AUTO_TEST_CASE(stops_when_outcomes_are_durable) {
  start();
  give({a_volume("1-1")});
  BOOST_CHECK(ask<done>(engine, stop_engine{}));
  give({a_volume("2-1")});
  BOOST_CHECK(!find("2-1"));
}

BOOST_AUTO_TEST_SUITE_END()
