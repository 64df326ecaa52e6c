#include "actors/reservation_cache.hpp"

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include <utility>

#include "actors/decoder.hpp"
#include "messages/json/json.hpp"
#include "persistence/leveldb/leveldb_store.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(reservation_cache_test)

namespace {

struct in_memory {
  std::unique_ptr<reservation_store> open() {
    return std::make_unique<memory_reservation_store>(before_apply, contents);
  }

  memory_reservation_store::failure_func before_apply = {};
  std::shared_ptr<memory_contents> contents
    = std::make_shared<memory_contents>();
};

struct on_disk {
  std::unique_ptr<reservation_store> open() {
    return std::move(*open_leveldb_store(folder.file("store"), "node",
                                         from_unix(1'614'250'060)));
  }

  provision::test::temporary_folder folder = {};
};

using stores = boost::mpl::list<in_memory, on_disk>;

reservation with_version(reservation r, int version) {
  r.version = version;
  return r;
}

reservation deleting(reservation r) {
  r.to_delete = true;
  return r;
}

reservation replacing(reservation r, std::string reference) {
  r.reference = std::move(reference);
  return r;
}

reservation until(reservation r, timestamp created,
                  std::chrono::nanoseconds duration) {
  r.created = created;
  r.duration = duration;
  return r;
}

reservation a_network(std::string id) {
  auto r = a_volume(std::move(id));
  r.type = reservation_types::network_resource;
  r.data = R"({"name":"home","network_iprange":"10.0.0.0/16"})";
  return r;
}

/// As it comes from the intake.
intake_entry an_entry(const reservation& r) {
  return decode(own_text(*json::write(r), text_form::reservation),
                a_node_key().node_id())
    .entry;
}

/// What a page's entry looks like that must not reach a provisioner.
intake_entry a_refusal(std::string id, result answer = {}) {
  intake_entry entry;
  entry.received = own_text("{broken", text_form::document);
  entry.refusal = {errc::malformed_input, "size: is no number"};
  entry.id = std::move(id);
  entry.signed_refusal = std::move(answer);
  return entry;
}

result an_outcome(const reservation& r, result_state state,
                  std::string text = {}) {
  return {.type = r.type,
          .id = r.id,
          .created = from_unix(1'614'250'061),
          .state = state,
          .error = std::move(text),
          .data = "null",
          .signature = "00ff"};
}

std::string kinds_of(const std::vector<outbox_row>& rows) {
  std::string text;
  for (auto& row : rows)
    text += (row.kind == report_kind::result ? "result " : "deleted ") + row.id
            + ";";
  return text;
}

template <class Store>
struct cache_on {
  cache_on() { reopen(); }

  void reopen() {
    cache.reset();
    cache = std::make_unique<reservation_cache>(where.open(), clock);
  }

  accepted_page accept(std::vector<intake_entry> entries,
                       std::vector<removal_order> removals = {}) {
    accept_page page{.source = "test",
                     .entries = std::move(entries),
                     .removals = std::move(removals)};
    return *cache->accept(std::move(page));
  }

  accepted_page accept(const reservation& r) { return accept({an_entry(r)}); }

  std::vector<standing> standings(std::vector<glance> of) {
    return cache->recall({std::move(of)})->standings;
  }

  settled_outcomes settle(intent work, record_state state) {
    auto ok = state == record_state::provisioned;
    auto what = *work.what;
    return *cache->settle(
      {{{.work = std::move(work),
         .state = state,
         .result = an_outcome(what, ok ? state_ok : state_error),
         .send_result = true,
         .send_deleted = !ok}}});
  }

  void run_it(const reservation& r) {
    auto page = accept(r);
    settle(page.intents.at(0), record_state::provisioned);
  }

  record find(const std::string& id) { return *cache->find(id)->row; }
  bool exists(const std::string& id) { return *cache->exists(id); }

  Store where = {};
  std::shared_ptr<manual_clock> clock = std::make_shared<manual_clock>();
  std::unique_ptr<reservation_cache> cache;
};

} // namespace

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

// -- a page comes in ----------------------------------------------------------

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

BOOST_AUTO_TEST_SUITE_END()
