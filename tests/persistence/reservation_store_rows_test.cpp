// What a store keeps beside records: reports, refused input, the journal, and
// how far sources were read.
#include <boost/test/unit_test.hpp>

#include "persistence/reservation_store.hpp"
#include "tests/persistence/both_stores.hpp"
#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(reservation_store_rows_test)

namespace {

constexpr std::size_t all = 1000;

} // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(numbers_outbox_rows_as_they_come, Rig, stores) {
  Rig rig;
  auto& store = rig.store();
  transition_batch batch{
    .outbox = {{.kind = report_kind::result, .id = "1-1", .body = "{}"},
               {.kind = report_kind::deleted, .id = "2-1", .body = ""}}};
  BOOST_REQUIRE(!store.apply(batch, durability::machine));
  BOOST_CHECK_EQUAL(batch.outbox[0].sequence, 1U);
  BOOST_CHECK_EQUAL(batch.outbox[1].sequence, 2U);
  BOOST_REQUIRE(!rig.apply({.outbox = {{.id = "3-1", .body = "x"}}}));
  const auto rows = store.outbox(0, all).value();
  BOOST_REQUIRE_EQUAL(ids_of(rows), "1-1 2-1 3-1");
  BOOST_CHECK_EQUAL(rows[0].body, "{}");
  BOOST_CHECK(rows[1].kind == report_kind::deleted);
  BOOST_CHECK_EQUAL(rows[2].sequence, 3U);
  BOOST_CHECK_EQUAL(ids_of(store.outbox(1, 1).value()), "2-1");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(delivered_rows_leave_the_outbox, Rig, stores) {
  Rig rig;
  BOOST_REQUIRE(!rig.apply({.outbox = {{.id = "1-1"}, {.id = "2-1"}}}));
  BOOST_REQUIRE(!rig.apply({.delivered = {1, 77}}));
  BOOST_CHECK_EQUAL(ids_of(rig.store().outbox(0, all).value()), "2-1");
  BOOST_REQUIRE(!rig.apply({.outbox = {{.id = "3-1"}}}));
  BOOST_CHECK_EQUAL(rig.store().outbox(2, all).value().front().sequence, 3U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(parked_rows_are_kept_apart_with_their_reason, Rig,
                              stores) {
  Rig rig;
  auto& store = rig.store();
  BOOST_REQUIRE(!rig.apply({.outbox = {{.id = "1-1"}, {.id = "2-1"}}}));
  auto refused = store.outbox(0, 1).value().front();
  refused.reason = "400 bad signature";
  BOOST_REQUIRE(!rig.apply({.parked = {refused}}));
  BOOST_CHECK_EQUAL(ids_of(store.outbox(0, all).value()), "2-1");
  const auto parked = store.parked(all).value();
  BOOST_REQUIRE_EQUAL(ids_of(parked), "1-1");
  BOOST_CHECK(parked[0].parked);
  BOOST_CHECK_EQUAL(parked[0].reason, "400 bad signature");
  BOOST_CHECK_EQUAL(parked[0].sequence, 1U);
  BOOST_REQUIRE(!rig.apply({.delivered = {1}}));
  BOOST_CHECK(store.parked(all).value().empty());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(keeps_quarantined_input_until_it_is_released, Rig,
                              stores) {
  Rig rig;
  auto& store = rig.store();
  const quarantined bad{.key = "7-1",
                        .source = "explorer",
                        .reason = {errc::bad_signature, "no match", 3},
                        .since = {5, 6},
                        .received = own_text("{bad", text_form::reservation),
                        .answer = "no"};
  BOOST_REQUIRE(
    !rig.apply({.quarantine = {bad, {.key = "8-1"}, {.key = "9-1"}}}));
  const auto rows = store.quarantine("", all).value();
  BOOST_REQUIRE_EQUAL(rows.size(), 3U);
  BOOST_CHECK_EQUAL(rows[0].key, "7-1");
  BOOST_CHECK_EQUAL(rows[0].source, "explorer");
  BOOST_CHECK(rows[0].reason == bad.reason);
  BOOST_CHECK(rows[0].since == bad.since);
  BOOST_CHECK_EQUAL(rows[0].received.text, "{bad");
  BOOST_CHECK(rows[0].received.form == text_form::reservation);
  BOOST_CHECK_EQUAL(rows[0].answer, "no");
  BOOST_CHECK_EQUAL(store.find_quarantined("7-1").value()->source, "explorer");
  BOOST_CHECK(!store.find_quarantined("7").value());
  BOOST_CHECK_EQUAL(store.quarantine("7-1", 1).value().front().key, "8-1");
  BOOST_REQUIRE(!rig.apply({.released = {"7-1", "8-1", "unknown"}}));
  BOOST_CHECK_EQUAL(store.quarantine("", all).value().size(), 1U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_same_nameless_input_is_quarantined_once, Rig,
                              stores) {
  Rig rig;
  const auto bad = own_text("{bad", text_form::document);
  const auto worse = own_text("{worse", text_form::document);
  for (int n = 0; n < 2; ++n)
    BOOST_REQUIRE(!rig.apply({.quarantine = {{.received = bad}}}));
  BOOST_REQUIRE(!rig.apply({.quarantine = {{.received = worse}}}));
  BOOST_CHECK_EQUAL(rig.store().quarantine("", all).value().size(), 2U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_journal_keeps_the_newest_lines, Rig, stores) {
  Rig rig;
  auto& store = rig.store();
  for (int n = 1; n <= 4; ++n)
    BOOST_REQUIRE(!rig.apply({.journal = {{.at = from_unix(n),
                                           .id = std::to_string(n) + "-1",
                                           .event = "accepted",
                                           .text = "t"},
                                          {.event = "provisioned"}}}));
  const auto lines = store.journal(0, all).value();
  BOOST_REQUIRE_EQUAL(lines.size(), 5U);
  BOOST_CHECK_EQUAL(lines.front().sequence, 4U);
  BOOST_CHECK_EQUAL(lines.back().sequence, 8U);
  BOOST_CHECK_EQUAL(lines[3].id, "4-1");
  BOOST_CHECK_EQUAL(lines[3].event, "accepted");
  BOOST_CHECK_EQUAL(lines[3].text, "t");
  BOOST_CHECK(lines[3].at == from_unix(4));
  BOOST_CHECK_EQUAL(store.journal(6, 1).value().front().sequence, 7U);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(remembers_a_cursor_per_source, Rig, stores) {
  Rig rig;
  auto& store = rig.store();
  BOOST_CHECK_EQUAL(store.cursor("explorer").value(), 0U);
  BOOST_REQUIRE(!rig.apply({.cursors = {{"explorer", 12}, {"replay", 3}}}));
  BOOST_REQUIRE(!rig.apply({.cursors = {{"explorer", ~std::uint64_t{0}}}}));
  BOOST_CHECK_EQUAL(store.cursor("explorer").value(), ~std::uint64_t{0});
  BOOST_CHECK_EQUAL(store.cursor("replay").value(), 3U);
}

BOOST_AUTO_TEST_SUITE_END()
