#include "actors/sources/expiry_source.hpp"

#include <boost/test/unit_test.hpp>

#include "actors/cache.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/asking.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace expiry_source_test {
namespace {

/// A cache that counts how often it is asked.
cache_actor::behavior_type
counting_cache(cache_actor::pointer, std::shared_ptr<reservation_cache> memory,
               std::shared_ptr<int> looks, std::shared_ptr<error> failure) {
  auto unused = [] { return to_caf({errc::storage_failure, "not here"}); };
  return {
    [=](accept_page&) -> caf::result<accepted_page> { return unused(); },
    [=](recall_glances&) -> caf::result<recalled_glances> { return unused(); },
    [=](const outcome_group&) -> caf::result<settled_outcomes> {
      return unused();
    },
    [=](rearm_pending&) -> caf::result<rearmed_pending> { return unused(); },
    [=](find_expired& request) -> caf::result<expired_records> {
      ++*looks;
      if (*failure)
        return to_caf(*failure);
      return *memory->expired(request);
    },
    [=](read_outbox&) -> caf::result<outbox_rows> { return unused(); },
    [=](close_reports&) -> caf::result<closed_reports> { return unused(); },
    [=](find_record&) -> caf::result<found_record> { return unused(); }};
}

struct fixture : deterministic {
  fixture() {
    cache = spawn(counting_cache, memory, looks, failure);
    source = spawn(expiry_source, cache, clock);
  }

  /// A record that runs until `span` from now.
  void add(std::string id, std::chrono::nanoseconds span) {
    transition_batch batch;
    batch.puts.push_back(
      provision::test::put_new(provision::test::a_provisioned(
        std::move(id), ++sequence, saturating_add(clock->now(), span))));
    memory->store().apply(batch, durability::machine);
  }

  void ask() { ask_page(*this, source, pages); }

  std::string removals(std::size_t page) {
    std::string ids;
    for (auto& order : pages.at(page)->removals)
      ids += order.id + ";";
    return ids;
  }

  std::shared_ptr<reservation_cache> memory
    = std::make_shared<reservation_cache>(
      std::make_unique<memory_reservation_store>(), clock);
  std::shared_ptr<int> looks = std::make_shared<int>(0);
  std::shared_ptr<error> failure = std::make_shared<error>();
  std::uint64_t sequence = 0;
  cache_actor cache;
  expiry_source_actor source;
  source_pages pages;
};

} // namespace
} // namespace expiry_source_test

BOOST_FIXTURE_TEST_SUITE(expiry_source_test, fixture)

BOOST_AUTO_TEST_CASE(hands_over_what_is_due_already) {
  add("1-1", -5s);
  add("2-1", -10s);
  ask();
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK_EQUAL(removals(0), "2-1;1-1;");
  BOOST_CHECK(pages[0]->removals[0].cause == removal_cause::expired);
  BOOST_CHECK(!pages[0]->cursor && !pages[0]->end_of_stream);
}

BOOST_AUTO_TEST_CASE(wakes_at_the_next_deadline) {
  add("1-1", 5s);
  add("2-1", 8s);
  ask();
  advance(4900ms);
  BOOST_CHECK(pages.empty());
  advance(200ms);
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK_EQUAL(removals(0), "1-1;");
}

BOOST_AUTO_TEST_CASE(does_not_look_while_nobody_asks) {
  add("1-1", 5s);
  advance(1min);
  BOOST_CHECK_EQUAL(*looks, 0);
}

BOOST_AUTO_TEST_CASE(looks_rarely_while_nothing_is_due) {
  for (int i = 0; i < 1000; ++i)
    add("1-" + std::to_string(i), 24h);
  ask();
  advance(1h, 1s);
  // Twice a minute in case somebody sets the clock; never per record.
  BOOST_CHECK(*looks <= 122);
  BOOST_CHECK(pages.empty());
}

BOOST_AUTO_TEST_CASE(an_earlier_deadline_wakes_it) {
  add("1-1", 25s);
  ask();
  advance(1s);
  add("2-1", 2s);
  caf::anon_send(source, deadline_moved{});
  advance(2100ms);
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK_EQUAL(removals(0), "2-1;");
}

BOOST_AUTO_TEST_CASE(notices_a_clock_that_was_set_forward) {
  add("1-1", 24h);
  ask();
  clock->advance(25h);
  advance(31s);
  BOOST_CHECK_EQUAL(pages.size(), 1);
}

BOOST_AUTO_TEST_CASE(tries_again_when_the_store_cannot_be_read) {
  *failure = {errc::storage_failure, "gone"};
  add("1-1", -1s);
  ask();
  advance(3s);
  BOOST_CHECK(pages.empty());
  BOOST_CHECK(*looks >= 3 && *looks <= 4);
  *failure = {};
  advance(1100ms);
  BOOST_CHECK_EQUAL(pages.size(), 1);
}

BOOST_AUTO_TEST_CASE(hears_from_the_cache_of_an_earlier_deadline) {
  auto shared = std::make_shared<std::unique_ptr<reservation_cache>>(
    std::make_unique<reservation_cache>(
      std::make_unique<memory_reservation_store>(), clock));
  auto real = spawn(cache_behavior, shared);
  auto watching = spawn(expiry_source, real, clock);
  ask_page(*this, watching, pages);
  auto r = a_volume("1-1");
  r.created = clock->now();
  r.duration = 3s;
  intake_entry entry{.received
                     = own_text(*json::write(r), text_form::reservation),
                     .what = std::make_shared<reservation>(r)};
  auto page = *this->deterministic::ask<accepted_page>(
    real, accept_page{.source = "test", .entries = {entry}});
  settlement outcome{.work = page.intents.at(0),
                     .state = record_state::provisioned};
  BOOST_REQUIRE(this->deterministic::ask<settled_outcomes>(
    real, outcome_group{
            std::make_shared<settle_outcomes>(settle_outcomes{{outcome}})}));
  advance(3100ms);
  BOOST_REQUIRE_EQUAL(pages.size(), 1);
  BOOST_CHECK_EQUAL(removals(0), "1-1;");
}

BOOST_AUTO_TEST_SUITE_END()
