#include "tests/actors/cache_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace provision::testing::caching;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(reservation_cache_test)

#define CASE(name)                                                             \
  BOOST_FIXTURE_TEST_CASE_TEMPLATE(name, T, stores, cache_on<T>)

// -- the original's interface -------------------------------------------------

CASE(keeps_what_is_added_across_a_restart) {
  auto r = a_volume("100-1");
  r.tag.source = "tool";
  r.result = an_outcome(r, state_ok);
  BOOST_CHECK(!this->cache->add(r));
  this->reopen();
  auto again = this->cache->get("100-1");
  BOOST_REQUIRE(again);
  json::decode_workload(r);
  BOOST_CHECK(*again == r);
  BOOST_CHECK(this->cache->add(r).code == errc::already_exists);
}

CASE(removes_and_says_when_there_is_nothing_to_remove) {
  this->cache->add(a_volume("100-1"));
  BOOST_CHECK(!this->cache->remove("100-1"));
  BOOST_CHECK(!this->exists("100-1"));
  BOOST_CHECK(this->cache->remove("100-1").code == errc::no_such_reservation);
  BOOST_CHECK(this->cache->get("100-1").error().code
              == errc::no_such_reservation);
}

CASE(knows_which_networks_live) {
  auto r = a_network("5-1");
  json::decode_workload(r);
  BOOST_REQUIRE(!r.data_error);
  auto network = network_of(r);
  BOOST_CHECK(!*this->cache->network_exists(network));
  this->cache->add(r);
  BOOST_CHECK(*this->cache->network_exists(network));
  this->cache->remove("5-1");
  BOOST_CHECK(!*this->cache->network_exists(network));
}

CASE(counts_only_what_holds_capacity_into_the_statser) {
  this->run_it(a_volume("1-1"));
  this->accept(a_volume("2-1"));
  auto failing = this->accept(a_volume("3-1"));
  this->settle(failing.intents.at(0), record_state::failed);
  this->run_it(a_volume("4-1"));
  this->accept(deleting(a_volume("4-1")));
  ledger numbers;
  BOOST_CHECK(!this->cache->sync(numbers));
  // 1-1 runs, 4-1 is being removed.
  BOOST_CHECK_EQUAL(numbers.current_units().sru, 20);
  BOOST_CHECK_EQUAL(numbers.current_workloads().volume, 2);
}

CASE(yields_what_has_expired_soonest_first) {
  auto start = this->clock->now();
  this->run_it(until(a_volume("1-1"), start, 20s));
  this->run_it(until(a_volume("2-1"), start, 10s));
  this->run_it(a_volume("3-1"));
  BOOST_CHECK(this->cache->get_expired()->empty());
  auto none = *this->cache->expired({.at = start});
  BOOST_CHECK(none.ids.empty());
  BOOST_CHECK(none.next_deadline == saturating_add(start, 10s));
  this->clock->advance(30s);
  BOOST_CHECK_EQUAL(provision::test::ids_of(*this->cache->get_expired()),
                    "2-1 1-1");
  const auto one
    = this->cache->expired({.count_max = 1, .at = this->clock->now()});
  BOOST_CHECK_EQUAL(one->ids.size(), 1);
}

// -- outcomes -----------------------------------------------------------------

CASE(makes_an_outcome_and_its_reports_durable_together) {
  auto page = this->accept(a_volume("1-1"));
  auto answer = this->settle(page.intents.at(0), record_state::failed);
  BOOST_CHECK_EQUAL(kinds_of(answer.reports), "result 1-1;deleted 1-1;");
  this->reopen();
  BOOST_CHECK(this->find("1-1").state == record_state::failed);
  BOOST_CHECK_EQUAL((*this->cache->store().outbox(0, 10)).size(), 2);
  BOOST_CHECK((*this->cache->store().pending(0, 10)).empty());
}

CASE(leaves_a_tombstone_when_a_workload_is_gone) {
  this->run_it(a_volume("1-1"));
  auto page = this->accept(deleting(a_volume("1-1")));
  auto answer = *this->cache->settle(
    {{{.work = page.intents.at(0),
       .result = an_outcome(a_volume("1-1"), state_error, "dead"),
       .send_result = true,
       .send_deleted = true,
       .deleted_first = true}}});
  BOOST_CHECK_EQUAL(kinds_of(answer.reports), "deleted 1-1;result 1-1;");
  BOOST_CHECK(!this->exists("1-1"));
  BOOST_CHECK_EQUAL((*this->cache->store().find_tombstone("1-1"))->version, 2);
}

CASE(owes_nothing_for_types_that_the_explorer_cannot_store) {
  auto r = a_volume("1-1");
  r.type = reservation_types::debug;
  r.data = "{}";
  auto page = this->accept(r);
  auto answer = this->settle(page.intents.at(0), record_state::provisioned);
  BOOST_CHECK(answer.reports.empty());
}

CASE(closes_delivered_rows_and_keeps_parked_ones_aside) {
  this->run_it(a_volume("1-1"));
  this->run_it(a_volume("2-1"));
  auto rows = *this->cache->store().outbox(0, 10);
  BOOST_REQUIRE_EQUAL(rows.size(), 2);
  rows[1].reason = "400";
  BOOST_CHECK(this->cache->close({{rows[0].sequence}, {rows[1]}}));
  this->reopen();
  BOOST_CHECK((*this->cache->store().outbox(0, 10)).empty());
  auto parked = *this->cache->store().parked(10);
  BOOST_REQUIRE_EQUAL(parked.size(), 1);
  BOOST_CHECK_EQUAL(parked[0].reason, "400");
}

CASE(recalls_what_lives_and_what_is_gone_in_this_version) {
  using enum standing;
  this->run_it(a_volume("1-1"));
  this->run_it(a_volume("2-1"));
  this->cache->remove("2-1");
  BOOST_CHECK(this->standings({{"1-1", 2}, {"2-1", 2}, {"2-1", 3}, {"3-1", 2}})
              == (std::vector{known, settled, fresh, fresh}));
}

CASE(has_nothing_to_say_to_who_has_the_result_and_wishes_nothing) {
  using enum standing;
  this->run_it(a_volume("1-1"));
  this->accept(a_volume("2-1"));
  auto wants = [](std::string id) { return glance{id, 2, true}; };
  auto has = [](std::string id, result_state state, std::string signature) {
    return glance{id, 2, false, state, signature};
  };
  BOOST_CHECK(
    this->standings({has("1-1", state_ok, "00ff"), has("1-1", state_ok, "00fe"),
                     has("1-1", state_error, "00ff"), wants("1-1"),
                     // Its result is on its way to be made.
                     has("2-1", state_error, ""), wants("2-1")})
    == (std::vector{settled, known, known, known, settled, known}));
  this->cache->remove("1-1");
  // The sender still waits to hear that it is gone.
  BOOST_CHECK(this->standings({has("1-1", state_error, ""), wants("1-1"), {}})
              == (std::vector{settled, known, fresh}));
}

CASE(counts_what_left_its_page_before) {
  auto answer
    = *this->cache->accept({.source = "test", .cursor = 9, .settled = 3});
  BOOST_CHECK_EQUAL(answer.known, 3);
  BOOST_CHECK_EQUAL(*this->cache->store().cursor("test"), 9);
}

// -- restart ------------------------------------------------------------------

CASE(arms_again_what_was_cut_short_in_order) {
  this->run_it(a_volume("9-1"));
  this->accept({an_entry(a_volume("1-1")), an_entry(a_volume("2-1"))});
  this->accept(deleting(a_volume("9-1")));
  this->reopen();
  auto first
    = *this->cache->rearm({.after = 0, .count_max = 2, .in_flight = "2-1"});
  BOOST_REQUIRE_EQUAL(first.intents.size(), 2);
  BOOST_CHECK_EQUAL(first.intents[0].row->id, "1-1");
  BOOST_CHECK(first.intents[0].row->state == record_state::applying);
  BOOST_CHECK_EQUAL(first.intents[0].row->attempts, 2);
  BOOST_CHECK_EQUAL(first.intents[0].row->deaths, 0);
  BOOST_CHECK_EQUAL(first.intents[1].row->deaths, 1);
  auto rest = *this->cache->rearm({first.intents[1].row->sequence, 2, {}});
  BOOST_REQUIRE_EQUAL(rest.intents.size(), 1);
  BOOST_CHECK(rest.intents[0].row->state == record_state::removing);
  this->reopen();
  BOOST_CHECK_EQUAL(this->find("2-1").deaths, 1);
}

CASE(goes_on_with_higher_sequences_after_a_restart) {
  auto before = this->accept(a_volume("1-1")).intents.at(0).row->sequence;
  this->reopen();
  auto after = this->accept(a_volume("2-1")).intents.at(0).row->sequence;
  BOOST_CHECK(after > before);
}

CASE(sets_aside_at_restart_what_it_cannot_read) {
  auto row = provision::test::an_accepted("7-1", 5);
  row.received = own_text("{broken", text_form::reservation);
  transition_batch batch;
  batch.puts.push_back(provision::test::put_new(row));
  BOOST_REQUIRE(!this->cache->store().apply(batch, durability::machine));
  this->reopen();
  this->accept(a_volume("8-1"));
  auto again = *this->cache->rearm({});
  BOOST_REQUIRE_EQUAL(again.intents.size(), 1);
  BOOST_CHECK_EQUAL(again.intents[0].row->id, "8-1");
  BOOST_CHECK_EQUAL((*this->cache->store().quarantine({}, 10)).size(), 1);
}

BOOST_AUTO_TEST_CASE(takes_nothing_of_a_page_that_cannot_be_written) {
  cache_on<in_memory> node;
  bool full = true;
  node.where.before_apply = [&] {
    return full ? error{errc::disk_full, "no space"} : error{};
  };
  node.reopen();
  accept_page page{
    "explorer", {an_entry(a_volume("1-1")), a_refusal("2-1")}, {}, 101};
  auto answer = node.cache->accept(page);
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == errc::disk_full);
  BOOST_CHECK(!node.exists("1-1"));
  BOOST_CHECK_EQUAL(*node.cache->store().cursor("explorer"), 0);
  full = false;
  answer = node.cache->accept(page);
  BOOST_REQUIRE(answer);
  // No number was used up by the page that failed.
  BOOST_CHECK_EQUAL(answer->intents.at(0).row->sequence, 1);
}

BOOST_AUTO_TEST_CASE(closes_again_what_could_not_be_written) {
  cache_on<in_memory> node;
  bool full = false;
  node.where.before_apply = [&] {
    return full ? error{errc::disk_full, "no space"} : error{};
  };
  node.reopen();
  node.run_it(a_volume("7-1"));
  BOOST_REQUIRE(node.cache->accept({.source = "explorer", .cursor = 9}));
  close_reports request{
    {node.cache->store().outbox(0, 10)->at(0).sequence}, {}, "explorer"};
  full = true;
  BOOST_CHECK(node.cache->close(request, {}).error().code == errc::disk_full);
  full = false;
  BOOST_CHECK_EQUAL(node.cache->close(request, {})->look_again_from.value(), 7);
  // Who dies now looks again, too.
  BOOST_CHECK_EQUAL(*node.cache->store().cursor("explorer"), 7);
  BOOST_CHECK(node.cache->store().outbox(0, 10)->empty());
}

BOOST_AUTO_TEST_CASE(settles_again_what_could_not_be_written) {
  cache_on<in_memory> node;
  bool full = false;
  node.where.before_apply = [&] {
    return full ? error{errc::disk_full, "no space"} : error{};
  };
  node.reopen();
  auto page = node.accept(a_volume("1-1"));
  settle_outcomes request{{{.work = page.intents.at(0),
                            .state = record_state::provisioned,
                            .result = an_outcome(a_volume("1-1"), state_ok),
                            .send_result = true}}};
  full = true;
  BOOST_CHECK(node.cache->settle(request).error().code == errc::disk_full);
  BOOST_CHECK(node.find("1-1").state == record_state::accepted);
  full = false;
  BOOST_CHECK_EQUAL(node.cache->settle(request)->reports.size(), 1);
  BOOST_CHECK(node.find("1-1").state == record_state::provisioned);
}

#undef CASE

BOOST_AUTO_TEST_SUITE_END()
