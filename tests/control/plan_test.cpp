#include "control/plan.hpp"

#include <boost/test/unit_test.hpp>

#include "control/documents_given.hpp"
#include "messages/byte_units.hpp"
#include "messages/json/json.hpp"
#include "tests/control/api_under_test.hpp"

using namespace provision;
using namespace provision::testing;

namespace plan_test {
namespace {

intake_entry an_entry(reservation what) {
  json::decode_workload(what);
  intake_entry made;
  made.id = what.id;
  made.type = what.type;
  made.what = std::make_shared<reservation>(std::move(what));
  return made;
}

/// A node of 25 GiB that offers volumes.
struct before_it_comes {
  before_it_comes() {
    facts.offered = {"volume"};
    facts.capacity.capacity = {UINT64_MAX, UINT64_MAX, UINT64_MAX, 25 * gib};
    facts.capacity.used = {0, 0, 0, 10 * gib};
    facts.now = from_unix(1'614'250'100);
  }

  void comes(reservation what, record_ptr known = {}) {
    facts.entries.push_back(an_entry(std::move(what)));
    facts.known.push_back(std::move(known));
    facts.gone.push_back(false);
  }

  /// "100-1 accepted, 101-1 refused".
  std::string outcomes() {
    made = make_plan(facts);
    std::string text;
    for (auto& one : made.steps)
      text += (text.empty() ? "" : ", ") + one.id + " "
              + std::string{to_string(one.outcome)};
    return text;
  }

  plan_facts facts = {};
  plan made = {};
};

record_ptr a_running(const std::string& id) {
  auto row = std::make_shared<record>();
  row->id = id;
  row->state = record_state::provisioned;
  row->type = reservation_types::volume;
  row->takes = {0, 0, 0, 10 * gib};
  return row;
}

} // namespace
} // namespace plan_test

BOOST_FIXTURE_TEST_SUITE(plan_test, before_it_comes)

BOOST_AUTO_TEST_CASE(what_fits_is_accepted_until_the_node_is_full) {
  comes(a_volume("102-1"));
  comes(a_volume("101-1"));
  BOOST_CHECK_EQUAL(outcomes(), "101-1 accepted, 102-1 refused");
  BOOST_CHECK(made.refuses());
  BOOST_CHECK(made.steps[1].reason.code == errc::no_capacity);
  BOOST_CHECK_EQUAL(made.free_before.sru, 15 * gib);
  BOOST_CHECK_EQUAL(made.free_after.sru, 5 * gib);
  // What has no limit has none afterwards.
  BOOST_CHECK_EQUAL(made.free_after.cru, UINT64_MAX);
}

BOOST_AUTO_TEST_CASE(a_removal_makes_room_for_what_comes_after_it) {
  auto over = a_volume("100-1");
  over.to_delete = true;
  comes(a_volume("101-1"));
  comes(a_volume("102-1"));
  comes(over, a_running("100-1"));
  BOOST_CHECK_EQUAL(outcomes(),
                    "100-1 removed, 101-1 accepted, 102-1 accepted");
  BOOST_CHECK(!made.refuses());
}

BOOST_AUTO_TEST_CASE(what_the_node_has_is_known) {
  comes(a_volume("100-1"), a_running("100-1"));
  comes(a_volume("101-1"));
  facts.gone.back() = true;
  auto unknown = a_volume("102-1");
  unknown.to_delete = true;
  comes(unknown);
  BOOST_CHECK_EQUAL(outcomes(), "100-1 known, 101-1 known, 102-1 known");
}

BOOST_AUTO_TEST_CASE(what_breaks_a_rule_is_refused_with_it) {
  auto late = a_volume("100-1");
  late.duration = std::chrono::seconds{1};
  comes(late);
  auto gateway = a_volume("101-1");
  gateway.type = reservation_types::gateway4to6;
  comes(gateway);
  auto unread = an_entry(a_volume("102-1"));
  unread.what.reset();
  unread.refusal = {errc::malformed_input, "it is garbage"};
  facts.entries.push_back(unread);
  facts.known.emplace_back();
  facts.gone.push_back(false);
  BOOST_CHECK_EQUAL(outcomes(), "100-1 refused, 101-1 refused, 102-1 refused");
  BOOST_CHECK(made.steps[0].reason.code == errc::expired);
  BOOST_CHECK(made.steps[1].reason.code == errc::type_not_offered);
  BOOST_CHECK(made.steps[2].reason.code == errc::malformed_input);
}

BOOST_AUTO_TEST_CASE(what_has_to_wait_takes_nothing_from_the_others) {
  facts.engine.types.push_back({.type = reservation_types::volume,
                                .health = type_health::degraded,
                                .reason = {errc::provisioner_crashed, "died"}});
  comes(a_volume("100-1"));
  comes(a_volume("101-1"));
  BOOST_CHECK_EQUAL(outcomes(), "100-1 waits, 101-1 waits");
  BOOST_CHECK_EQUAL(made.free_after.sru, made.free_before.sru);
  facts.engine.types.front() = {.type = reservation_types::volume};
  facts.engine.cordoned = true;
  BOOST_CHECK_EQUAL(outcomes(), "100-1 waits, 101-1 waits");
}

BOOST_AUTO_TEST_CASE(a_plan_agrees_with_what_the_engine_does_then) {
  api_under_test node;
  node.limits = {.capacity = {8, UINT64_MAX, UINT64_MAX, 25 * gib}};
  node.open();
  std::string body;
  std::vector<reservation> page;
  for (auto* id : {"103-1", "101-1", "104-1", "102-1"})
    page.push_back(a_volume(id));
  page[2].duration = std::chrono::seconds{1};
  for (auto& one : page) {
    one.node_id = node.key.node_id();
    body += *json::write(one) + "\n";
  }
  auto told = node.request("POST", "/v1/plan", body);
  BOOST_CHECK_EQUAL(told->status, 200);
  BOOST_CHECK(!node.find("101-1"));
  node.give(page);
  for (auto* id : {"101-1", "102-1", "103-1", "104-1"}) {
    auto at = told->body.find("\"id\":\"" + std::string{id});
    BOOST_REQUIRE_NE(at, std::string::npos);
    auto outcome = told->body.find("\"outcome\":\"", at) + 11;
    bool is_accepted = told->body.compare(outcome, 8, "accepted") == 0;
    BOOST_CHECK_EQUAL(is_accepted,
                      node.find(id)->state == record_state::provisioned);
  }
}

BOOST_AUTO_TEST_CASE(a_file_may_hold_one_an_array_or_a_line_each) {
  BOOST_CHECK_EQUAL(documents_given(" {\n \"id\": 1\n}\n")->size(), 1U);
  BOOST_CHECK_EQUAL(documents_given("[{\"id\":1}, {\"id\":2}]")->size(), 2U);
  auto lines = documents_given("{\"id\":1}\n\n{\"workload_type\":2}\n");
  BOOST_REQUIRE_EQUAL(lines->size(), 2U);
  BOOST_CHECK(lines->at(0).form == text_form::reservation);
  BOOST_CHECK(lines->at(1).form == text_form::document);
  for (auto* bad : {"", " \n", "[]", "{\"id\":1}\n{", "hello"})
    BOOST_CHECK(!documents_given(bad));
}

BOOST_AUTO_TEST_SUITE_END()
