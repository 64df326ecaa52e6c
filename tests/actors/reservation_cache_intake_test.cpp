// A page comes in: what is new, known, refused, to be taken down.
#include "tests/actors/cache_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace provision::testing::caching;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(reservation_cache_intake_test)

#define CASE(name)                                                             \
  BOOST_FIXTURE_TEST_CASE_TEMPLATE(name, T, stores, cache_on<T>)

CASE(makes_a_fresh_reservation_an_intent) {
  auto page
    = this->accept({an_entry(a_volume("1-1")), an_entry(a_volume("2-1"))});
  BOOST_REQUIRE_EQUAL(page.intents.size(), 2);
  auto& row = *page.intents[0].row;
  BOOST_CHECK(row.state == record_state::accepted);
  BOOST_CHECK_EQUAL(row.takes.sru, 10ULL << 30U);
  BOOST_CHECK(!page.intents[0].objection);
  BOOST_CHECK(row.sequence < page.intents[1].row->sequence);
  BOOST_CHECK(page.reports.empty());
  this->reopen();
  BOOST_CHECK(this->find("1-1").state == record_state::accepted);
}

CASE(stores_the_cursor_with_its_page) {
  this->cache->accept({"explorer", {an_entry(a_volume("1-1"))}, {}, 101});
  this->reopen();
  BOOST_CHECK_EQUAL(*this->cache->store().cursor("explorer"), 101);
  // A page without a cursor leaves it alone.
  this->cache->accept({"explorer", {an_entry(a_volume("2-1"))}, {}, {}});
  BOOST_CHECK_EQUAL(*this->cache->store().cursor("explorer"), 101);
}

CASE(sends_the_stored_result_again_for_what_is_known) {
  this->run_it(a_volume("1-1"));
  auto sent = *this->cache->store().outbox(0, 10);
  this->cache->close({{sent.at(0).sequence}, {}});
  auto page = this->accept(a_volume("1-1"));
  BOOST_CHECK(page.intents.empty());
  BOOST_CHECK_EQUAL(page.known, 1);
  BOOST_REQUIRE_EQUAL(page.reports.size(), 1);
  BOOST_CHECK_EQUAL(page.reports[0].body, sent.at(0).body);
  BOOST_CHECK(page.reports[0].sequence > sent[0].sequence);
}

CASE(owes_nothing_for_a_page_that_was_asked_for_before_the_report_was_taken) {
  this->run_it(a_volume("1-1"));
  auto sent = *this->cache->store().outbox(0, 10);
  moment taken{std::chrono::seconds{5}};
  this->cache->close({{sent.at(0).sequence}, {}}, taken);
  auto page_asked_at = [&](moment asked_at) {
    return *this->cache->accept({.source = "test",
                                 .entries = {an_entry(a_volume("1-1"))},
                                 .asked = page_question{0, asked_at}});
  };
  // It shows what the explorer did not know then.
  auto stale = page_asked_at(taken - std::chrono::seconds{1});
  BOOST_CHECK_EQUAL(kinds_of(stale.reports), "");
  BOOST_CHECK_EQUAL(stale.known, 1);
  auto fresh = page_asked_at(taken + std::chrono::seconds{1});
  BOOST_CHECK_EQUAL(kinds_of(fresh.reports), "result 1-1;");
}

CASE(takes_the_cursor_back_to_what_was_reported_until_it_is_looked_at_again) {
  auto seconds = [](int n) { return moment{std::chrono::seconds{n}}; };
  auto page = [&](std::uint64_t from, int at, std::uint64_t next) {
    this->cache->accept({.source = "explorer",
                         .cursor = next,
                         .asked = page_question{from, seconds(at)}});
    return *this->cache->store().cursor("explorer");
  };
  this->run_it(a_volume("7-1"));
  BOOST_CHECK_EQUAL(page(0, 1, 9), 9);
  auto sent = *this->cache->store().outbox(0, 10);
  auto closed
    = this->cache->close({{sent.at(0).sequence}, {}, "explorer"}, seconds(5));
  BOOST_CHECK_EQUAL(closed->look_again_from.value(), 7);
  BOOST_CHECK_EQUAL(*this->cache->store().cursor("explorer"), 7);
  // Asked for before the explorer had the result, or for later ones only.
  BOOST_CHECK_EQUAL(page(0, 4, 10), 7);
  BOOST_CHECK_EQUAL(page(8, 6, 11), 7);
  BOOST_CHECK_EQUAL(page(7, 6, 8), 8);
  BOOST_CHECK_EQUAL(page(8, 6, 11), 11);
}

CASE(sends_the_pair_again_for_what_has_failed) {
  auto page = this->accept(a_volume("1-1"));
  auto sent = this->settle(page.intents.at(0), record_state::failed).reports;
  this->cache->close({{sent.at(0).sequence, sent.at(1).sequence}, {}});
  auto again = this->accept(a_volume("1-1"));
  BOOST_CHECK_EQUAL(kinds_of(again.reports), "result 1-1;deleted 1-1;");
}

CASE(says_nothing_to_a_sender_that_has_the_result) {
  this->run_it(a_volume("1-1"));
  auto r = a_volume("1-1");
  r.result = this->find("1-1").result;
  BOOST_CHECK(this->accept(r).reports.empty());
}

CASE(ignores_a_duplicate_of_what_still_waits) {
  this->accept(a_volume("1-1"));
  auto page = this->accept(a_volume("1-1"));
  BOOST_CHECK(page.intents.empty() && page.reports.empty());
  BOOST_CHECK_EQUAL(page.known, 1);
}

CASE(never_takes_up_again_what_is_gone) {
  this->run_it(a_volume("1-1"));
  this->cache->remove("1-1");
  this->reopen();
  auto page = this->accept(a_volume("1-1"));
  BOOST_CHECK(page.intents.empty() && page.reports.empty());
  BOOST_CHECK_EQUAL(page.known, 1);
  // An older version neither; a newer one is another matter.
  BOOST_CHECK(this->accept(with_version(a_volume("1-1"), 1)).intents.empty());
  BOOST_CHECK_EQUAL(
    this->accept(with_version(a_volume("1-1"), 3)).intents.size(), 1);
}

CASE(orders_the_removal_of_what_runs) {
  this->run_it(a_volume("1-1"));
  auto page = this->accept(deleting(a_volume("1-1")));
  BOOST_REQUIRE_EQUAL(page.intents.size(), 1);
  auto& row = *page.intents[0].row;
  BOOST_CHECK(row.state == record_state::removing);
  BOOST_CHECK(row.cause == removal_cause::ordered);
  BOOST_CHECK(page.reports.empty());
  BOOST_CHECK(this->find("1-1").state == record_state::removing);
}

CASE(lets_the_explorer_forget_what_the_node_never_knew) {
  auto page = this->accept(deleting(a_volume("1-1")));
  BOOST_CHECK(page.intents.empty());
  BOOST_CHECK_EQUAL(kinds_of(page.reports), "deleted 1-1;");
  // Delivered late, the order to create it must not win.
  BOOST_CHECK(this->accept(a_volume("1-1")).intents.empty());
}

CASE(forgets_at_once_what_failed_and_is_to_be_deleted) {
  auto failing = this->accept(a_volume("1-1"));
  auto sent = this->settle(failing.intents.at(0), record_state::failed).reports;
  this->cache->close({{sent.at(0).sequence, sent.at(1).sequence}, {}});
  auto page = this->accept(deleting(a_volume("1-1")));
  BOOST_CHECK(page.intents.empty());
  BOOST_CHECK_EQUAL(kinds_of(page.reports), "deleted 1-1;");
  BOOST_CHECK(!this->exists("1-1"));
}

CASE(owes_no_second_report_while_the_first_is_on_its_way) {
  auto failing = this->accept(a_volume("1-1"));
  this->settle(failing.intents.at(0), record_state::failed);
  auto page = this->accept(deleting(a_volume("1-1")));
  BOOST_CHECK(page.reports.empty());
  BOOST_CHECK(!this->exists("1-1"));
}

CASE(sets_a_refused_document_aside_and_answers_it) {
  auto answer = an_outcome(a_volume("9-1"), state_error, "size: is no number");
  auto page = this->accept({a_refusal("9-1", answer)});
  BOOST_CHECK_EQUAL(page.refused, 1);
  BOOST_CHECK(page.intents.empty());
  BOOST_CHECK_EQUAL(kinds_of(page.reports), "result 9-1;deleted 9-1;");
  auto aside = *this->cache->store().quarantine({}, 10);
  BOOST_REQUIRE_EQUAL(aside.size(), 1);
  BOOST_CHECK_EQUAL(aside[0].key, "9-1");
  BOOST_CHECK(aside[0].received.text == "{broken");
}

CASE(answers_a_refused_document_with_the_same_bytes_each_time) {
  auto signed_anew = [&](std::string signature) {
    auto answer = an_outcome(a_volume("9-1"), state_error, "no number");
    answer.signature = std::move(signature);
    return this->accept({a_refusal("9-1", answer)}).reports;
  };
  auto first = signed_anew("00ff");
  this->cache->close({{first.at(0).sequence, first.at(1).sequence}, {}, {}});
  this->reopen();
  auto again = signed_anew("11ee");
  BOOST_CHECK_EQUAL(kinds_of(again), "result 9-1;deleted 9-1;");
  BOOST_CHECK_EQUAL(again.at(0).body, first.at(0).body);
  // While the answer is on its way, it is not owed a second time.
  BOOST_CHECK(signed_anew("22dd").empty());
}

CASE(answers_a_document_that_is_refused_twice_in_one_page_once) {
  auto first = an_outcome(a_volume("9-1"), state_error, "no number");
  auto second = first;
  second.signature = "11ee";
  auto page = this->accept({a_refusal("9-1", first), a_refusal("9-1", second)});
  BOOST_CHECK_EQUAL(page.refused, 2);
  BOOST_CHECK_EQUAL(kinds_of(page.reports), "result 9-1;deleted 9-1;");
  BOOST_CHECK_NE(page.reports.at(0).body.find("00ff"), std::string::npos);
}

CASE(sets_a_refused_document_aside_that_has_no_id) {
  auto page = this->accept({a_refusal({}), a_refusal({})});
  BOOST_CHECK_EQUAL(page.refused, 2);
  BOOST_CHECK(page.reports.empty());
  // The same bytes twice fill one row.
  BOOST_CHECK_EQUAL((*this->cache->store().quarantine({}, 10)).size(), 1);
}

CASE(a_refused_document_never_touches_what_runs_under_its_id) {
  this->run_it(a_volume("9-1"));
  auto page = this->accept(
    {a_refusal("9-1", an_outcome(a_volume("9-1"), state_error, "bad"))});
  BOOST_CHECK(page.reports.empty());
  BOOST_CHECK(this->find("9-1").state == record_state::provisioned);
}

CASE(takes_removal_orders_only_for_what_runs) {
  this->run_it(a_volume("1-1"));
  this->accept(a_volume("2-1"));
  auto page = this->accept({}, {{"1-1", removal_cause::expired, {}},
                                {"2-1", removal_cause::expired, {}},
                                {"3-1", removal_cause::beyond_repair, "dead"}});
  BOOST_REQUIRE_EQUAL(page.intents.size(), 1);
  BOOST_CHECK(page.intents[0].row->cause == removal_cause::expired);
  BOOST_CHECK(this->find("2-1").state == record_state::accepted);
}

CASE(moves_a_record_under_the_id_that_refers_to_it) {
  this->run_it(a_volume("5-2"));
  auto page = this->accept(replacing(a_volume("100-1"), "5-2"));
  BOOST_CHECK(page.intents.empty());
  BOOST_CHECK_EQUAL(kinds_of(page.reports), "result 100-1;");
  this->reopen();
  BOOST_CHECK(!this->exists("5-2"));
  auto row = this->find("100-1");
  BOOST_CHECK(row.state == record_state::provisioned);
  BOOST_CHECK_EQUAL(row.takes.sru, 10ULL << 30U);
  BOOST_CHECK_EQUAL(row.result.id, "100-1");
  BOOST_CHECK_EQUAL((*this->cache->store().find_tombstone("5-2"))->migrated_to,
                    "100-1");
}

CASE(objects_to_a_move_that_another_user_asks_for) {
  this->run_it(a_volume("5-2"));
  auto r = replacing(a_volume("100-1"), "5-2");
  r.user_id = "8";
  auto page = this->accept(r);
  BOOST_REQUIRE_EQUAL(page.intents.size(), 1);
  BOOST_CHECK(page.intents[0].objection.code == errc::invalid_reservation);
  BOOST_CHECK(this->exists("5-2"));
}

CASE(objects_to_a_second_move_of_what_bears_its_first_id_on_the_host) {
  this->run_it(a_volume("5-2"));
  this->accept(replacing(a_volume("100-1"), "5-2"));
  auto page = this->accept(replacing(a_volume("200-1"), "100-1"));
  BOOST_REQUIRE_EQUAL(page.intents.size(), 1);
  BOOST_CHECK(page.intents[0].objection.code == errc::invalid_reservation);
  BOOST_CHECK(this->find("100-1").state == record_state::provisioned);
}

#undef CASE

BOOST_AUTO_TEST_SUITE_END()
