#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <stdexcept>

#include "identity/result_signature.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/orders.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;

BOOST_FIXTURE_TEST_SUITE(engine_test, node_under_test)

BOOST_AUTO_TEST_CASE(provisions_remembers_and_reports_a_new_reservation) {
  start();
  give({a_volume("100-1")});
  check_equal(calls, {"provision 100-1"});
  check_equal(explorer->heard(), {"result 100-1"});
  auto row = find("100-1");
  BOOST_REQUIRE(row);
  BOOST_CHECK(row->state == record_state::provisioned);
  BOOST_CHECK(!verify(row->result, key.public_key()));
  BOOST_CHECK_EQUAL(numbers->current_units().sru, 10);
  // Numbers that change in a row are told a little later.
  advance(std::chrono::seconds{1});
  BOOST_REQUIRE(!explorer->numbers.empty());
  BOOST_CHECK_EQUAL(explorer->numbers.back().workloads.volume, 1);
}

BOOST_AUTO_TEST_CASE(goes_on_after_a_failure) {
  on_provision = [](const reservation& r) -> expected<std::string> {
    if (r.type == reservation_types::zdb)
      return fail(errc::provision_failed, "zdb refused");
    return "null";
  };
  start();
  give({a_volume("100-1"), a_zdb("101-1"), a_volume("102-1")});
  check_equal(calls, {"provision 101-1", "provision 100-1", "provision 102-1"});
  check_equal(explorer->heard(), {"result 101-1", "deleted 101-1",
                                  "result 100-1", "result 102-1"});
  BOOST_CHECK(find("101-1")->state == record_state::failed);
  BOOST_CHECK_EQUAL(find("101-1")->result.error, "zdb refused");
  BOOST_CHECK_EQUAL(numbers->current_units().hru, 0);
}

BOOST_AUTO_TEST_CASE(turns_an_exception_into_the_result_of_its_reservation) {
  on_provision = [](const reservation& r) -> expected<std::string> {
    if (r.id == "1-1")
      throw std::runtime_error{"bug in provisioner"};
    return "null";
  };
  start();
  give({a_volume("1-1"), a_volume("2-1")});
  BOOST_CHECK_EQUAL(find("1-1")->result.error, "bug in provisioner");
  BOOST_CHECK(find("2-1")->state == record_state::provisioned);
}

BOOST_AUTO_TEST_CASE(reports_again_without_provisioning_when_known) {
  start();
  give({a_volume("100-1")});
  give({a_volume("100-1")});
  check_equal(calls, {"provision 100-1"});
  BOOST_REQUIRE_EQUAL(explorer->reports.size(), 2);
  BOOST_CHECK_EQUAL(explorer->reports[0].body, explorer->reports[1].body);
}

BOOST_AUTO_TEST_CASE(says_nothing_when_the_sender_has_the_result_already) {
  start();
  give({a_volume("100-1")});
  auto again = a_volume("100-1");
  again.result = find("100-1")->result;
  give({again});
  BOOST_CHECK_EQUAL(explorer->reports.size(), 1);
}

BOOST_AUTO_TEST_CASE(provisions_once_when_asked_twice_in_one_page) {
  start();
  give({a_volume("100-1"), a_volume("100-1")});
  check_equal(calls, {"provision 100-1"});
}

BOOST_AUTO_TEST_CASE(takes_down_what_the_explorer_deletes) {
  start();
  give({a_volume("100-1")});
  give({deleting(a_volume("100-1"))});
  check_equal(calls, {"provision 100-1", "decommission 100-1"});
  check_equal(explorer->heard(), {"result 100-1", "deleted 100-1"});
  BOOST_CHECK(!find("100-1"));
  BOOST_CHECK_EQUAL(numbers->current_units().sru, 0);
  BOOST_CHECK_EQUAL(numbers->current_workloads().volume, 0);
}

BOOST_AUTO_TEST_CASE(takes_down_what_is_created_and_deleted_in_one_page) {
  start();
  give({a_volume("100-1"), deleting(a_volume("100-1"))});
  check_equal(calls, {"provision 100-1", "decommission 100-1"});
  BOOST_CHECK(!find("100-1"));
}

BOOST_AUTO_TEST_CASE(never_provisions_again_what_is_gone) {
  start();
  give({a_volume("100-1")});
  give({deleting(a_volume("100-1"))});
  give({a_volume("100-1")});
  restart();
  give({a_volume("100-1")});
  check_equal(calls, {"provision 100-1", "decommission 100-1"});
}

BOOST_AUTO_TEST_CASE(tries_a_failed_removal_again) {
  int failures = 2;
  on_decommission = [&](const reservation&) {
    return failures-- > 0 ? error{errc::backend_failure, "busy"} : error{};
  };
  start();
  give({a_volume("100-1")});
  give({deleting(a_volume("100-1"))});
  BOOST_CHECK(find("100-1")->state == record_state::removing);
  BOOST_CHECK_EQUAL(numbers->current_units().sru, 10);
  advance(std::chrono::minutes{1});
  BOOST_CHECK(!find("100-1"));
  check_equal(explorer->heard(), {"result 100-1", "deleted 100-1"});
  BOOST_CHECK_EQUAL(numbers->current_units().sru, 0);
}

BOOST_AUTO_TEST_CASE(goes_on_while_a_removal_is_stuck) {
  on_decommission = [](const reservation&) {
    return error{errc::backend_failure, "busy"};
  };
  start();
  give({a_volume("100-1")});
  give({deleting(a_volume("100-1"))});
  give({a_volume("101-1")});
  BOOST_CHECK(find("101-1")->state == record_state::provisioned);
  BOOST_CHECK_EQUAL(status().waiting, 1);
}

BOOST_AUTO_TEST_CASE(takes_down_what_has_expired_at_its_deadline) {
  start();
  auto r = a_volume("100-1");
  r.created = clock->now();
  r.duration = std::chrono::seconds{10};
  give({r});
  advance(std::chrono::seconds{9});
  check_equal(calls, {"provision 100-1"});
  advance(std::chrono::seconds{2});
  check_equal(calls, {"provision 100-1", "decommission 100-1"});
  check_equal(explorer->heard(), {"result 100-1", "deleted 100-1"});
}

BOOST_AUTO_TEST_CASE(rejects_with_a_result_what_has_expired_or_lacks_duration) {
  start();
  auto late = a_volume("1-1");
  late.duration = std::chrono::seconds{1};
  auto endless = a_volume("2-1");
  endless.duration = std::chrono::nanoseconds{0};
  auto undated = a_volume("3-1");
  undated.created = timestamp{};
  give({late, endless, undated});
  BOOST_CHECK(calls.empty());
  for (auto* id : {"1-1", "2-1", "3-1"})
    BOOST_CHECK(find(id)->state == record_state::rejected);
  BOOST_CHECK_EQUAL(explorer->reports.size(), 6);
}

BOOST_AUTO_TEST_CASE(rejects_what_exceeds_the_capacity_and_names_the_deficit) {
  limits = {.capacity = {4, 1ULL << 34U, 1ULL << 40U, 15ULL << 30U}};
  start();
  give({a_volume("1-1"), a_volume("2-1")});
  BOOST_CHECK(find("1-1")->state == record_state::provisioned);
  BOOST_CHECK(find("2-1")->state == record_state::rejected);
  BOOST_CHECK(find("2-1")->result.error.find("SRU short by 5368709120 bytes")
              != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rejects_a_type_that_the_node_does_not_offer) {
  start();
  auto r = a_volume("1-1");
  r.type = reservation_type{"warp"};
  r.data.clear();
  give({r, a_volume("2-1")});
  BOOST_CHECK(find("1-1")->state == record_state::rejected);
  // The explorer cannot store a result of this type: only "deleted" is sent.
  check_equal(explorer->heard(), {"result 2-1", "deleted 1-1"});
}

BOOST_AUTO_TEST_CASE(says_why_a_type_is_not_offered_where_it_knows) {
  refusals[reservation_type{"warp"}] = "no crystal; install the package warp";
  start();
  auto r = a_volume("1-1");
  r.type = reservation_type{"warp"};
  give({r});
  auto kept = find("1-1");
  BOOST_REQUIRE(kept);
  BOOST_CHECK(kept->result.error.ends_with(
    "offer warp: no crystal; install the package warp"));
}

BOOST_AUTO_TEST_CASE(what_no_provisioner_can_take_down_waits_until_one_can) {
  const auto type = reservation_types::proxy;
  const auto serve = [&] {
    special[type] = [this] {
      return keep(system.spawn(
        function_provisioner,
        workload_functions{
          [](const reservation&) -> expected<std::string> { return "null"; },
          [this](const reservation& r) {
            calls.push_back("decommission " + r.id);
            return error{};
          }}));
    };
  };
  serve();
  start();
  auto over = a_volume("1-1");
  over.type = type;
  over.created = clock->now();
  over.duration = std::chrono::minutes{1};
  auto ordered = a_volume("2-1");
  ordered.type = type;
  give({over, ordered});
  // A node that serves none any more, as after a change of its settings.
  special.clear();
  refusals[type] = "gateway.http_listen is not set";
  restart();
  give({deleting(ordered)});
  advance(std::chrono::minutes{2});
  for (const auto* id : {"1-1", "2-1"}) {
    BOOST_CHECK(find(id)->state == record_state::removing);
    BOOST_CHECK(find(id)->result.state == result_state::ok);
  }
  check_equal(explorer->heard(), {"result 1-1", "result 2-1"});
  BOOST_CHECK_EQUAL(status().waiting, 2);
  serve();
  restart();
  BOOST_CHECK(!find("1-1") && !find("2-1"));
  BOOST_CHECK_EQUAL(std::ranges::count(explorer->heard(), "deleted 1-1"), 1);
  BOOST_CHECK_EQUAL(std::ranges::count(explorer->heard(), "deleted 2-1"), 1);
  BOOST_CHECK_EQUAL(calls.size(), 2);
}

BOOST_AUTO_TEST_CASE(moves_a_reservation_under_the_id_that_refers_to_it) {
  start();
  give({a_volume("5-2")});
  auto newer = a_volume("100-1");
  newer.reference = "5-2";
  give({newer});
  check_equal(calls, {"provision 5-2"});
  BOOST_CHECK(!find("5-2"));
  BOOST_CHECK(find("100-1")->state == record_state::provisioned);
  BOOST_CHECK_EQUAL(numbers->current_workloads().volume, 1);
  give({deleting(newer)});
  BOOST_CHECK_EQUAL(calls.back(), "decommission 100-1");
}

BOOST_AUTO_TEST_CASE(refuses_to_move_a_reservation_that_asks_for_more) {
  start();
  give({a_volume("5-2")});
  auto newer = a_volume("100-1");
  newer.reference = "5-2";
  newer.data = R"({"size":11,"type":"ssd"})";
  give({newer});
  BOOST_CHECK(find("5-2")->state == record_state::provisioned);
  BOOST_CHECK(find("100-1")->state == record_state::rejected);
}

BOOST_AUTO_TEST_CASE(refuses_to_move_another_users_reservation) {
  start();
  give({a_volume("5-2")});
  auto newer = a_volume("100-1");
  newer.reference = "5-2";
  newer.user_id = "8";
  give({newer});
  check_equal(calls, {"provision 5-2"});
  BOOST_CHECK(find("100-1")->state == record_state::rejected);
}

BOOST_AUTO_TEST_CASE(refuses_a_broken_document_and_takes_the_rest_of_the_page) {
  start();
  source_page page;
  page.source = "test";
  page.cursor = 7;
  page.documents.push_back(own_text("{broken", text_form::document));
  page.documents.push_back(
    own_text(R"({"id":9,"workload_id":1,"workload_type":2,"size":"big"})",
             text_form::document));
  page.documents.push_back(
    own_text(*json::write(a_volume("1-1")), text_form::reservation));
  give(std::move(page));
  BOOST_CHECK(find("1-1")->state == record_state::provisioned);
  check_equal(explorer->heard(), {"result 9-1", "deleted 9-1", "result 1-1"});
  BOOST_CHECK(explorer->reports[0].body.find("size") != std::string::npos);
  BOOST_CHECK_EQUAL((*store().quarantine({}, 10)).size(), 2);
  BOOST_CHECK_EQUAL(*store().cursor("test"), 7);
}

BOOST_AUTO_TEST_CASE(a_bad_document_never_touches_what_runs_under_its_id) {
  start();
  give({a_volume("9-1")});
  source_page page;
  page.source = "test";
  page.documents.push_back(
    own_text(R"({"id":9,"workload_id":1,"workload_type":2,"size":"big"})",
             text_form::document));
  give(std::move(page));
  BOOST_CHECK(find("9-1")->state == record_state::provisioned);
  check_equal(explorer->heard(), {"result 9-1"});
}

BOOST_AUTO_TEST_CASE(refuses_what_was_made_for_another_node_without_a_result) {
  start();
  auto r = a_volume("1-1");
  r.node_id = "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF";
  give({r});
  BOOST_CHECK(calls.empty());
  BOOST_CHECK(explorer->reports.empty());
  auto set_aside = *store().quarantine({}, 10);
  BOOST_REQUIRE_EQUAL(set_aside.size(), 1);
  BOOST_CHECK(set_aside[0].reason.code == errc::wrong_node);
}

BOOST_AUTO_TEST_CASE(takes_a_dead_workload_down_and_tells_its_owner_why) {
  start();
  give({a_volume("1-1")});
  auto answer = ask<done>(
    engine, provision::decommission_cached{"1-1", "crashed 100% of the time"});
  BOOST_CHECK(answer);
  check_equal(explorer->heard(), {"result 1-1", "deleted 1-1", "result 1-1"});
  BOOST_CHECK(explorer->reports.back().body.find("crashed 100% of the time")
              != std::string::npos);
  BOOST_CHECK(!find("1-1"));
}

BOOST_AUTO_TEST_CASE(cannot_take_down_what_it_does_not_know) {
  start();
  auto answer
    = ask<done>(engine, provision::decommission_cached{"1-1", "dead"});
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == errc::no_such_reservation);
}

BOOST_AUTO_TEST_SUITE_END()
