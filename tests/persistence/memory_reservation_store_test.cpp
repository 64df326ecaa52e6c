#include "persistence/memory/memory_reservation_store.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(memory_reservation_store_test)

BOOST_AUTO_TEST_CASE(fails_once_when_told_and_changes_nothing) {
  error next{errc::disk_full, "no room"};
  memory_reservation_store store{
    [&next] { return std::exchange(next, error{}); }};
  transition_batch batch{.puts = {put_new(an_accepted("1-1", 1))}};
  BOOST_CHECK(store.apply(batch, durability::machine).code == errc::disk_full);
  BOOST_CHECK(!store.find("1-1").value());
  BOOST_CHECK(!store.apply(batch, durability::machine));
  BOOST_CHECK(store.find("1-1").value());
}

BOOST_AUTO_TEST_CASE(its_contents_outlive_it) {
  const auto contents = std::make_shared<memory_contents>();
  {
    memory_reservation_store store{{}, contents};
    transition_batch batch{.puts = {put_new(an_accepted("1-1", 8))},
                           .outbox = {{.id = "1-1"}}};
    BOOST_REQUIRE(!store.apply(batch, durability::machine));
  }
  memory_reservation_store store{{}, contents};
  BOOST_CHECK(store.find("1-1").value());
  BOOST_CHECK_EQUAL(store.recovery().live_records, 1U);
  BOOST_CHECK_EQUAL(store.recovery().next_sequence, 9U);
  BOOST_CHECK_EQUAL(ids_of(store.outbox(0, 10).value()), "1-1");
}

BOOST_AUTO_TEST_SUITE_END()
