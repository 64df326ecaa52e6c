#include "persistence/reservation_store.hpp"

#include <boost/test/unit_test.hpp>

#include <random>

#include "tests/persistence/both_stores.hpp"
#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(reservation_store_test)

namespace {

constexpr std::size_t all = 1000;

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(finds_a_record_as_it_was_put, Rig, stores) {
  Rig rig;
  auto what = a_provisioned("100-1", 7, {1'700'000'000, 999'999'999});
  what.attempts = 3;
  what.deaths = 2;
  what.cause = removal_cause::beyond_repair;
  what.reason = "disk died";
  what.network = "net1";
  what.takes = {.cru = 1, .mru = 2, .hru = 3, .sru = ~std::uint64_t{0}};
  what.version = -1;
  rig.put(put_new(what));
  const auto found = rig.store().find("100-1").value();
  BOOST_REQUIRE(found);
  BOOST_CHECK(same(*found, what));
  BOOST_CHECK(!rig.store().find("100-2").value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(keeps_the_received_bytes_through_transitions, Rig,
                              stores) {
  Rig rig;
  auto what = an_accepted("100-1", 1);
  rig.put(put_new(what));
  const std::string bytes{what.received.text};
  what.received = {};
  what.state = record_state::provisioned;
  rig.put(put_again(what));
  const auto found = rig.store().find("100-1").value();
  BOOST_CHECK(found->state == record_state::provisioned);
  BOOST_CHECK_EQUAL(found->received.text, bytes);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(replaces_the_received_bytes_when_told, Rig,
                              stores) {
  Rig rig;
  auto what = an_accepted("100-1", 1);
  rig.put(put_new(what));
  what.received = own_text("{}", text_form::reservation);
  rig.put(put_new(what));
  const auto found = rig.store().find("100-1").value();
  BOOST_CHECK_EQUAL(found->received.text, "{}");
  BOOST_CHECK(found->received.form == text_form::reservation);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lists_pending_records_in_the_order_of_work, Rig,
                              stores) {
  Rig rig;
  rig.put(put_new(an_accepted("2-1", 300)));
  rig.put(put_new(an_accepted("9-1", 2)));
  rig.put(put_new(an_accepted("1-1", 70'000)));
  rig.put(put_new(a_provisioned("3-1", 4)));
  auto again = an_accepted("4-1", 256);
  again.state = record_state::applying;
  rig.put(put_new(again));
  BOOST_CHECK_EQUAL(ids_of(rig.store().pending(0, all).value()),
                    "9-1 4-1 2-1 1-1");
  BOOST_CHECK_EQUAL(ids_of(rig.store().pending(2, 2).value()), "4-1 2-1");
  BOOST_CHECK_EQUAL(ids_of(rig.store().pending(~std::uint64_t{0}, all).value()),
                    "");
  const auto first = rig.store().pending(0, 1).value();
  BOOST_CHECK_EQUAL(first.front().received.text, R"({"workload_id":9-1})");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_settled_record_is_not_pending, Rig, stores) {
  Rig rig;
  for (const auto state : {record_state::provisioned, record_state::failed,
                           record_state::rejected}) {
    auto what = an_accepted("1-1", 1);
    rig.put(put_new(what));
    BOOST_CHECK_EQUAL(ids_of(rig.store().pending(0, all).value()), "1-1");
    what.state = state;
    rig.put(put_again(what));
    BOOST_CHECK_EQUAL(ids_of(rig.store().pending(0, all).value()), "");
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_removal_takes_a_new_place_in_the_order, Rig,
                              stores) {
  Rig rig;
  auto running = a_provisioned("1-1", 1, from_unix(50));
  running.network = "net1";
  rig.put(put_new(running));
  rig.put(put_new(an_accepted("2-1", 2)));
  running.state = record_state::removing;
  running.sequence = 3;
  rig.put(put_again(running));
  BOOST_CHECK_EQUAL(ids_of(rig.store().pending(0, all).value()), "2-1 1-1");
  BOOST_CHECK_EQUAL(ids_of(rig.store().expired(from_unix(99), all).value()),
                    "");
  BOOST_CHECK(!rig.store().next_deadline().value());
  BOOST_CHECK(rig.store().network_exists("net1").value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_removal_of_a_pending_record_is_listed_once, Rig,
                              stores) {
  Rig rig;
  auto what = an_accepted("1-1", 1);
  rig.put(put_new(what));
  what.state = record_state::removing;
  what.sequence = 5;
  rig.put(put_again(what));
  const auto pending = rig.store().pending(0, all).value();
  BOOST_REQUIRE_EQUAL(ids_of(pending), "1-1");
  BOOST_CHECK_EQUAL(pending.front().sequence, 5U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(lists_what_is_due_soonest_first, Rig, stores) {
  Rig rig;
  rig.put(put_new(a_provisioned("1-1", 1, from_unix(300))));
  rig.put(put_new(a_provisioned("2-1", 2, {200, 5})));
  rig.put(put_new(a_provisioned("3-1", 3, from_unix(-7))));
  rig.put(put_new(a_provisioned("4-1", 4, end_of_time)));
  rig.put(put_new(a_provisioned("5-1", 5, {200, 4})));
  auto waiting = an_accepted("6-1", 6);
  waiting.expires = from_unix(1);
  rig.put(put_new(waiting));
  auto& store = rig.store();
  BOOST_CHECK_EQUAL(ids_of(store.expired({200, 4}, all).value()), "3-1 5-1");
  BOOST_CHECK_EQUAL(ids_of(store.expired({200, 3}, all).value()), "3-1");
  BOOST_CHECK_EQUAL(ids_of(store.expired(from_unix(1000), 3).value()),
                    "3-1 5-1 2-1");
  BOOST_CHECK_EQUAL(ids_of(store.expired(from_unix(-8), all).value()), "");
  BOOST_CHECK(store.next_deadline().value() == from_unix(-7));
  const auto due = store.expired(from_unix(0), all).value();
  BOOST_CHECK_EQUAL(due.front().received.text, R"({"workload_id":3-1})");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_changed_deadline_replaces_the_old_one, Rig,
                              stores) {
  Rig rig;
  rig.put(put_new(a_provisioned("1-1", 1, from_unix(100))));
  rig.put(put_new(a_provisioned("1-1", 1, from_unix(500))));
  BOOST_CHECK(rig.store().next_deadline().value() == from_unix(500));
  BOOST_CHECK_EQUAL(ids_of(rig.store().expired(from_unix(400), all).value()),
                    "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(finds_a_deadline_before_all_that_it_has_seen, Rig,
                              stores) {
  Rig rig;
  auto& store = rig.store();
  rig.put(put_new(a_provisioned("1-1", 1, from_unix(300))));
  BOOST_CHECK(store.next_deadline().value() == from_unix(300));
  rig.put(put_new(a_provisioned("2-1", 2, from_unix(100))));
  BOOST_CHECK(store.next_deadline().value() == from_unix(100));
  BOOST_CHECK_EQUAL(ids_of(store.expired(from_unix(200), all).value()), "2-1");
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1"}, {.id = "2-1"}}}));
  BOOST_CHECK_EQUAL(ids_of(store.expired(from_unix(400), all).value()), "");
  BOOST_CHECK(!store.next_deadline().value());
  rig.put(put_new(a_provisioned("3-1", 3, from_unix(-50))));
  BOOST_CHECK(store.next_deadline().value() == from_unix(-50));
  // Not due as long as it waits for its turn, and then before all others.
  auto late = an_accepted("4-1", 4);
  late.expires = from_unix(-70);
  rig.put(put_new(late));
  BOOST_CHECK(store.next_deadline().value() == from_unix(-50));
  late.state = record_state::provisioned;
  rig.put(put_again(late));
  BOOST_CHECK_EQUAL(ids_of(store.expired(from_unix(0), all).value()),
                    "4-1 3-1");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(knows_networks_that_live_records_hold, Rig,
                              stores) {
  Rig rig;
  auto& store = rig.store();
  auto what = an_accepted("1-1", 1);
  what.network = "net";
  rig.put(put_new(what));
  BOOST_CHECK(!store.network_exists("net").value());
  what.state = record_state::provisioned;
  rig.put(put_again(what));
  BOOST_CHECK(store.network_exists("net").value());
  BOOST_CHECK(!store.network_exists("ne").value());
  BOOST_CHECK(!store.network_exists("net1").value());
  BOOST_CHECK(!store.network_exists("").value());
  auto second = a_provisioned("2-1", 2);
  second.network = "net";
  rig.put(put_new(second));
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1"}}}));
  BOOST_CHECK(store.network_exists("net").value());
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "2-1"}}}));
  BOOST_CHECK(!store.network_exists("net").value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_gone_record_leaves_only_its_tombstone, Rig,
                              stores) {
  Rig rig;
  auto& store = rig.store();
  auto what = a_provisioned("1-1", 1, from_unix(100));
  what.network = "net";
  rig.put(put_new(what));
  rig.put(put_new(an_accepted("2-1", 2)));
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1",
                                      .version = 4,
                                      .gone_at = from_unix(200),
                                      .migrated_to = "3-1"},
                                     {.id = "2-1"}}}));
  BOOST_CHECK(!store.find("1-1").value());
  BOOST_CHECK_EQUAL(ids_of(store.pending(0, all).value()), "");
  BOOST_CHECK(!store.next_deadline().value());
  BOOST_CHECK(!store.network_exists("net").value());
  const auto stone = store.find_tombstone("1-1").value();
  BOOST_REQUIRE(stone);
  BOOST_CHECK_EQUAL(stone->id, "1-1");
  BOOST_CHECK_EQUAL(stone->version, 4);
  BOOST_CHECK(stone->gone_at == from_unix(200));
  BOOST_CHECK_EQUAL(stone->migrated_to, "3-1");
  BOOST_CHECK(!store.find_tombstone("9-9").value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(leaves_a_tombstone_for_what_it_never_knew, Rig,
                              stores) {
  Rig rig;
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1", .version = 1}}}));
  BOOST_CHECK(rig.store().find_tombstone("1-1").value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_was_looked_for_in_vain_is_found_once_it_came,
                              Rig, stores) {
  Rig rig;
  auto& store = rig.store();
  for (int turn = 1; turn <= 2; ++turn) {
    BOOST_CHECK(!store.find_state("1-1").value());
    BOOST_CHECK(!store.find_state("1-1").value());
    rig.put(put_new(a_provisioned("1-1", 1, from_unix(turn))));
    BOOST_CHECK(store.find_state("1-1").value());
    BOOST_CHECK(store.next_deadline().value() == from_unix(turn));
    BOOST_CHECK(turn == 2 || !store.find_tombstone("1-1").value());
    BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1", .version = turn}}}));
    BOOST_CHECK_EQUAL(store.find_tombstone("1-1").value()->version, turn);
    BOOST_CHECK(!store.next_deadline().value());
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(
  what_was_looked_for_in_vain_is_replaced_within_a_batch, Rig, stores) {
  Rig rig;
  BOOST_CHECK(!rig.store().find_state("1-1").value());
  BOOST_REQUIRE(!rig.apply({.puts = {put_new(an_accepted("1-1", 1)),
                                     put_new(an_accepted("1-1", 2))}}));
  BOOST_CHECK_EQUAL(rig.store().find("1-1").value()->sequence, 2);
  BOOST_CHECK_EQUAL(ids_of(rig.store().pending(0, all).value()), "1-1");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_gone_and_put_in_one_batch_lives, Rig,
                              stores) {
  Rig rig;
  rig.put(put_new(a_provisioned("1-1", 1, from_unix(100))));
  auto next = an_accepted("1-1", 2);
  next.version = 3;
  BOOST_REQUIRE(!rig.apply(
    {.puts = {put_new(next)}, .gone = {{.id = "1-1", .version = 2}}}));
  BOOST_CHECK(same(rig.store().find("1-1").value().value(), next));
  BOOST_CHECK(rig.store().find_tombstone("1-1").value());
  BOOST_CHECK(!rig.store().next_deadline().value());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_last_put_of_an_id_in_a_batch_wins, Rig,
                              stores) {
  Rig rig;
  const auto what = an_accepted("1-1", 1);
  BOOST_REQUIRE(
    !rig.apply({.puts = {put_new(what), put_again(a_provisioned("1-1", 1))}}));
  BOOST_CHECK(rig.store().find("1-1").value()->state
              == record_state::provisioned);
  BOOST_CHECK_EQUAL(ids_of(rig.store().pending(0, all).value()), "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(visits_every_live_record, Rig, stores) {
  Rig rig;
  auto network = a_provisioned("2-1", 9, from_unix(77));
  network.type = reservation_types::network;
  network.network = "net";
  rig.put(put_new(network));
  rig.put(put_new(an_accepted("1-1", 1)));
  rig.put(put_new(an_accepted("3-1", 2)));
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "3-1"}}}));
  std::vector<std::string> ids;
  BOOST_REQUIRE(!rig.store().for_each([&](const record_summary& seen) {
    ids.emplace_back(seen.id);
    if (seen.id != "2-1")
      return;
    BOOST_CHECK(seen.state == record_state::provisioned);
    BOOST_CHECK_EQUAL(seen.type, "network");
    BOOST_CHECK_EQUAL(seen.network, "net");
    BOOST_CHECK(seen.takes == network.takes);
    BOOST_CHECK_EQUAL(seen.sequence, 9U);
    BOOST_CHECK(seen.expires == from_unix(77));
  }));
  BOOST_CHECK(ids == (std::vector<std::string>{"1-1", "2-1"}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_refused_batch_changes_nothing, Rig, stores) {
  Rig rig;
  auto& store = rig.store();
  transition_batch batch{.puts = {put_new(an_accepted("1-1", 1)), {}},
                         .gone = {{.id = "2-1"}},
                         .quarantine = {{.key = "3-1"}},
                         .outbox = {{.id = "1-1"}},
                         .journal = {{.event = "accepted"}},
                         .cursors = {{"explorer", 5}}};
  BOOST_CHECK(store.apply(batch, durability::machine).code
              == errc::storage_failure);
  BOOST_CHECK(!store.find("1-1").value());
  BOOST_CHECK(!store.find_tombstone("2-1").value());
  BOOST_CHECK(store.quarantine("", all).value().empty());
  BOOST_CHECK(store.outbox(0, all).value().empty());
  BOOST_CHECK(store.journal(0, all).value().empty());
  BOOST_CHECK_EQUAL(store.cursor("explorer").value(), 0U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(refuses_rows_without_a_name, Rig, stores) {
  Rig rig;
  BOOST_CHECK(rig.apply({.puts = {put_new(an_accepted("", 1))}}));
  BOOST_CHECK(rig.apply({.gone = {tombstone{}}}));
  BOOST_CHECK(rig.apply({.cursors = {{"", 1}}}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(applies_an_empty_batch, Rig, stores) {
  Rig rig;
  BOOST_CHECK(transition_batch{}.empty());
  BOOST_CHECK(!rig.apply({}));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(counts_rows_exactly, Rig, stores) {
  Rig rig;
  const auto check = [&](std::uint64_t outbox, std::uint64_t parked,
                         std::uint64_t bad, std::uint64_t stones) {
    const auto counts = rig.store().statistics().value();
    BOOST_CHECK_EQUAL(counts.outbox_rows, outbox);
    BOOST_CHECK_EQUAL(counts.parked_rows, parked);
    BOOST_CHECK_EQUAL(counts.quarantined, bad);
    BOOST_CHECK_EQUAL(counts.tombstones, stones);
  };
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1"}},
                            .quarantine = {{.key = "a"}, {.key = "b"}},
                            .outbox = {{.id = "1-1"}, {.id = "2-1"}}}));
  check(2, 0, 2, 1);
  // Again what is there already, and twice in one batch.
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1"}, {.id = "2-1"}},
                            .quarantine = {{.key = "a"}},
                            .released = {"b", "b", "c"},
                            .outbox = {{.id = "3-1"}},
                            .delivered = {1, 1, 99}}));
  check(2, 0, 1, 2);
  BOOST_REQUIRE(!rig.apply({.parked = {{.sequence = 2, .id = "2-1"}}}));
  check(1, 1, 1, 2);
  BOOST_REQUIRE(!rig.apply({.delivered = {2, 3}}));
  check(0, 0, 1, 2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_new_store_is_empty, Rig, stores) {
  Rig rig;
  const auto& found = rig.store().recovery();
  BOOST_CHECK(found.created);
  BOOST_CHECK(found.salvaged.empty());
  BOOST_CHECK_EQUAL(found.live_records, 0U);
  BOOST_CHECK_EQUAL(found.next_sequence, 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(both_stores_agree_on_a_long_random_history, Rig,
                              boost::mpl::list<rig<in_leveldb>>) {
  Rig real;
  rig<in_memory> twin;
  std::mt19937 dice{4711};
  const auto roll = [&](unsigned sides) { return dice() % sides; };
  std::uint64_t sequence = 1;
  for (int step = 0; step < 600; ++step) {
    const auto id = std::to_string(roll(20)) + "-1";
    const auto known = twin.store().find(id).value();
    transition_batch batch;
    if (roll(4) == 0) {
      batch.gone.push_back({.id = id, .version = static_cast<int>(roll(3))});
    } else {
      auto what = known ? *known : an_accepted(id, sequence++);
      what.state = static_cast<record_state>(1 + roll(6));
      if (is_pending(what.state) && roll(2) == 0)
        what.sequence = sequence++;
      const bool fresh = !known || roll(3) == 0;
      if (fresh) {
        what.network = roll(2) == 0 ? "" : "net" + std::to_string(roll(3));
        what.expires = roll(3) == 0 ? end_of_time : from_unix(roll(50));
      }
      batch.puts.push_back(fresh ? put_new(what) : put_again(what));
    }
    auto same_batch = batch;
    BOOST_REQUIRE(!real.store().apply(batch, durability::process));
    BOOST_REQUIRE(!twin.store().apply(same_batch, durability::process));
    const auto at = from_unix(roll(50));
    auto& a = real.store();
    auto& b = twin.store();
    BOOST_REQUIRE_EQUAL(ids_of(a.pending(0, all).value()),
                        ids_of(b.pending(0, all).value()));
    BOOST_REQUIRE_EQUAL(ids_of(a.expired(at, all).value()),
                        ids_of(b.expired(at, all).value()));
    BOOST_REQUIRE(a.next_deadline().value() == b.next_deadline().value());
    for (const auto* net : {"net0", "net1", "net2"})
      BOOST_REQUIRE_EQUAL(a.network_exists(net).value(),
                          b.network_exists(net).value());
    BOOST_REQUIRE_EQUAL(a.statistics().value().tombstones,
                        b.statistics().value().tombstones);
  }
}

BOOST_AUTO_TEST_SUITE_END()
