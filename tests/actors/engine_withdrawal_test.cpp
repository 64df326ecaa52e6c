#include <boost/test/unit_test.hpp>

#include <algorithm>

#include "messages/byte_units.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/orders.hpp"

using namespace provision;
using namespace provision::testing;

namespace engine_withdrawal_test {
namespace {

/// A node that dies after its provisioners were asked and before it could
/// remember what they said.
struct cut_short : node_under_test {
  void crash_over(std::vector<reservation> page) {
    die_after_writes(1);
    start();
    give(std::move(page));
    die();
    before_apply = {};
    calls.clear();
  }

  void die_after_writes(int writes_max) {
    before_apply = [writes = 0, writes_max]() mutable {
      return ++writes > writes_max ? error{errc::storage_failure, "gone"}
                                   : error{};
    };
  }

  std::string told(std::string_view id) const {
    auto found = std::ranges::find(explorer->reports, id, &report::id);
    return found == explorer->reports.end() ? "" : found->body;
  }
};

reservation a_short_volume(std::string id) {
  auto r = a_volume(std::move(id));
  r.duration = std::chrono::hours{1};
  return r;
}

} // namespace
} // namespace engine_withdrawal_test

using engine_withdrawal_test::a_short_volume;
using engine_withdrawal_test::cut_short;

BOOST_FIXTURE_TEST_SUITE(engine_withdrawal_test, cut_short)

BOOST_AUTO_TEST_CASE(takes_down_what_a_crash_cut_short_before_it_refuses_it) {
  crash_over({a_short_volume("1-1")});
  advance(std::chrono::hours{2});
  restart();
  check_equal(calls, {"decommission 1-1"});
  check_equal(explorer->heard(), {"result 1-1", "deleted 1-1"});
  BOOST_CHECK(told("1-1").find("has expired") != std::string::npos);
  BOOST_CHECK(find("1-1")->state == record_state::rejected);
  BOOST_CHECK(numbers->used() == resources{});
  BOOST_CHECK(numbers->current_workloads() == workload_amount{});
  BOOST_CHECK_EQUAL(status().rejected, 1);
}

BOOST_AUTO_TEST_CASE(waits_to_take_down_what_it_does_not_offer_any_more) {
  crash_over({a_zdb("1-1")});
  auto before = std::exchange(offered, {"volume"});
  restart();
  check_equal(calls, {});
  check_equal(explorer->heard(), {"result 1-1"});
  BOOST_CHECK(told("1-1").find("does not offer zdb") != std::string::npos);
  // Others pass it, and its room is theirs.
  give({a_volume("2-1")});
  BOOST_CHECK(find("2-1")->state == record_state::provisioned);
  BOOST_CHECK_EQUAL(numbers->used().hru, 0);
  // Once more: the owner is not told twice.
  restart();
  offered = before;
  restart();
  check_equal(calls, {"provision 2-1", "decommission 1-1"});
  check_equal(explorer->heard(), {"result 1-1", "result 2-1", "deleted 1-1"});
  BOOST_CHECK(find("1-1")->state == record_state::rejected);
}

BOOST_AUTO_TEST_CASE(takes_down_what_has_no_room_any_more) {
  crash_over({a_volume("1-1")});
  limits.capacity = {0, 0, 0, gib};
  restart();
  check_equal(calls, {"decommission 1-1"});
  check_equal(explorer->heard(), {"result 1-1", "deleted 1-1"});
  BOOST_CHECK(told("1-1").find("not enough capacity") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(tries_again_until_what_it_refused_is_gone) {
  crash_over({a_short_volume("1-1")});
  advance(std::chrono::hours{2});
  on_decommission = [this](const reservation&) {
    return calls.size() < 3 ? error{errc::decommission_failed, "busy"}
                            : error{};
  };
  restart();
  check_equal(explorer->heard(), {"result 1-1"});
  BOOST_CHECK(find("1-1")->state == record_state::removing);
  for (int minutes = 0; minutes < 60; ++minutes)
    advance(std::chrono::minutes{1});
  check_equal(calls,
              {"decommission 1-1", "decommission 1-1", "decommission 1-1"});
  check_equal(explorer->heard(), {"result 1-1", "deleted 1-1"});
  BOOST_CHECK(find("1-1")->state == record_state::rejected);
}

BOOST_AUTO_TEST_CASE(begins_anew_when_it_dies_before_the_refusal_is_on_disk) {
  crash_over({a_short_volume("1-1")});
  advance(std::chrono::hours{2});
  die_after_writes(1);
  restart();
  die();
  check_equal(calls, {});
  BOOST_CHECK(explorer->reports.empty());
  before_apply = {};
  restart();
  check_equal(calls, {"decommission 1-1"});
  check_equal(explorer->heard(), {"result 1-1", "deleted 1-1"});
}

BOOST_AUTO_TEST_CASE(does_not_touch_what_bears_the_name_of_another) {
  // Its parts would bear the first one's name, and that one runs.
  start();
  give({a_volume("1-1")});
  auto second = replacing(a_short_volume("2-1"), "1-1");
  second.data = R"({"size":20,"type":"ssd"})";
  die_after_writes(1);
  give({second});
  die();
  before_apply = {};
  calls.clear();
  restart();
  check_equal(calls, {});
  BOOST_CHECK(find("1-1")->state == record_state::provisioned);
  BOOST_CHECK(find("2-1")->state == record_state::rejected);
}

BOOST_AUTO_TEST_CASE(does_not_take_down_what_never_could_be_made) {
  auto endless = a_volume("1-1");
  endless.duration = std::chrono::nanoseconds{0};
  crash_over({endless});
  restart();
  check_equal(calls, {});
  check_equal(explorer->heard(), {"result 1-1", "deleted 1-1"});
}

BOOST_AUTO_TEST_CASE(gives_up_what_kills_the_daemon_while_it_takes_it_down) {
  crash_over({a_short_volume("1-1")});
  advance(std::chrono::hours{2});
  // Each time it dies before it can remember how the removal went.
  for (int writes : {2, 1, 1}) {
    die_after_writes(writes);
    restart();
    die();
    mark->set("1-1");
  }
  before_apply = {};
  calls.clear();
  start();
  check_equal(calls, {});
  BOOST_CHECK(find("1-1")->state == record_state::failed);
  BOOST_CHECK_EQUAL((*store().quarantine({}, 10)).size(), 1);
  check_equal(explorer->heard(), {"result 1-1", "deleted 1-1"});
  BOOST_CHECK(numbers->current_workloads() == workload_amount{});
}

BOOST_AUTO_TEST_SUITE_END()
