#include "actors/statser.hpp"
#include "messages/byte_units.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace provision;

BOOST_AUTO_TEST_SUITE(statser_test)

namespace {

ledger_entry an_entry(reservation_type type, resources takes = {}) {
  return {std::move(type), takes, {}};
}

ledger_entry a_network(std::string id) {
  return {reservation_types::network_resource, {}, std::move(id)};
}

} // namespace

BOOST_AUTO_TEST_CASE(counts_exactly_what_comes_and_goes) {
  ledger numbers;
  // A size that a floating-point sum would lose.
  resources odd{1, (1ULL << 53U) + 1, 3, gib};
  numbers.increment(an_entry(reservation_types::container, odd));
  numbers.increment(an_entry(reservation_types::container, {2, 1, 0, 0}));
  BOOST_CHECK(numbers.used() == (resources{3, (1ULL << 53U) + 2, 3, gib}));
  BOOST_CHECK_EQUAL(numbers.current_workloads().container, 2);
  numbers.decrement(an_entry(reservation_types::container, odd));
  BOOST_CHECK(numbers.used() == (resources{2, 1, 0, 0}));
  BOOST_CHECK_EQUAL(numbers.current_workloads().container, 1);
}

BOOST_AUTO_TEST_CASE(names_every_unit_that_is_short_and_by_how_much) {
  ledger numbers{{.capacity = {2, 4 * gib, 0, 10}}};
  numbers.increment(an_entry(reservation_types::container, {1, gib, 0, 0}));
  auto refusal = numbers.admit(
    an_entry(reservation_types::container, {2, 4 * gib, 5, 10}));
  BOOST_CHECK(refusal.code == errc::no_capacity);
  BOOST_CHECK_EQUAL(
    refusal.message,
    "not enough capacity: CRU short by 1 (2 asked, 1 free), "
    "MRU short by 1073741824 bytes (4294967296 asked, 3221225472 free), "
    "HRU short by 5 bytes (5 asked, 0 free; this node lends out no rotating "
    "disk)");
}

BOOST_AUTO_TEST_CASE(counts_nothing_of_what_it_refuses) {
  ledger numbers{{.capacity = {4, 0, 0, 0}}};
  BOOST_CHECK(numbers.admit(
    an_entry(reservation_types::container, {.cru = 1, .hru = 1})));
  BOOST_CHECK(numbers.used() == resources{});
  BOOST_CHECK_EQUAL(numbers.current_workloads().container, 0);
}

BOOST_AUTO_TEST_CASE(admits_up_to_the_last_byte_and_not_one_more) {
  ledger numbers{{.capacity = {0, 0, 0, 10}}};
  BOOST_CHECK(!numbers.admit(an_entry(reservation_types::volume, {.sru = 9})));
  BOOST_CHECK(numbers.admit(an_entry(reservation_types::volume, {.sru = 2})));
  BOOST_CHECK(!numbers.admit(an_entry(reservation_types::volume, {.sru = 1})));
  BOOST_CHECK_EQUAL(numbers.used().sru, 10);
}

BOOST_AUTO_TEST_CASE(holds_each_unit_to_its_own_bound) {
  constexpr std::uint64_t most = 1000;
  const std::vector<std::uint64_t resources::*> units{
    &resources::cru, &resources::mru, &resources::hru, &resources::sru};
  for (const auto unit : units) {
    resources capacity;
    capacity.*unit = most;
    const auto taking = [&](std::uint64_t amount) {
      resources takes;
      takes.*unit = amount;
      return an_entry(reservation_types::container, takes);
    };
    ledger numbers{{.capacity = capacity}};
    // One too much, and so much that a sum would wrap.
    BOOST_CHECK(numbers.admit(taking(most + 1)).code == errc::no_capacity);
    BOOST_CHECK(!numbers.admit(taking(most - 1)));
    BOOST_CHECK(numbers.admit(taking(UINT64_MAX)).code == errc::no_capacity);
    BOOST_CHECK(!numbers.admit(taking(1)));
    BOOST_CHECK(numbers.admit(taking(1)).code == errc::no_capacity);
    // What failed gives its room back, exactly.
    numbers.decrement(taking(1));
    BOOST_CHECK(!numbers.admit(taking(1)));
    BOOST_CHECK_EQUAL(numbers.used().*unit, most);
    // No other unit lends to this one.
    for (const auto other : units)
      if (other != unit)
        BOOST_CHECK_EQUAL(numbers.used().*other, 0u);
  }
}

BOOST_AUTO_TEST_CASE(admits_nothing_while_more_runs_than_there_is_room_for) {
  ledger numbers{{.capacity = {0, 0, 0, 10}}};
  numbers.increment(an_entry(reservation_types::volume, {.sru = 30}));
  auto refusal = numbers.admit(an_entry(reservation_types::volume, {.sru = 1}));
  BOOST_CHECK(refusal.message.find("0 free") != std::string::npos);
  BOOST_CHECK(!numbers.admit(an_entry(reservation_types::volume)));
}

BOOST_AUTO_TEST_CASE(saturates_where_64_bits_end) {
  ledger numbers;
  numbers.increment(an_entry(reservation_types::volume, {.sru = UINT64_MAX}));
  numbers.increment(an_entry(reservation_types::volume, {.sru = 1}));
  BOOST_CHECK_EQUAL(numbers.used().sru, UINT64_MAX);
}

BOOST_AUTO_TEST_CASE(never_goes_below_zero) {
  ledger numbers;
  numbers.decrement(an_entry(reservation_types::volume, {.sru = 5}));
  numbers.increment(an_entry(reservation_types::volume, {.sru = 3}));
  numbers.decrement(an_entry(reservation_types::volume, {.sru = 5}));
  numbers.decrement(a_network("none"));
  BOOST_CHECK(numbers.used() == resources{});
  BOOST_CHECK(numbers.current_workloads() == workload_amount{});
  BOOST_CHECK(numbers.counters() == provision_counters{});
}

BOOST_AUTO_TEST_CASE(counts_a_network_once_however_many_stand_for_it) {
  ledger numbers;
  for (auto* id : {"a", "a", "b"})
    numbers.increment(a_network(id));
  BOOST_CHECK_EQUAL(numbers.current_workloads().network, 2);
  numbers.decrement(a_network("a"));
  BOOST_CHECK_EQUAL(numbers.counters().network, 2);
  numbers.decrement(a_network("a"));
  BOOST_CHECK_EQUAL(numbers.counters().network, 1);
}

BOOST_AUTO_TEST_CASE(stops_at_what_the_wire_can_carry) {
  ledger numbers;
  for (int i = 0; i < 65537; ++i)
    numbers.increment(an_entry(reservation_types::zdb));
  BOOST_CHECK_EQUAL(numbers.current_workloads().zdb_namespace, 65535);
  BOOST_CHECK_EQUAL(numbers.counters().zdb, 65537);
}

BOOST_AUTO_TEST_CASE(adds_the_systems_share_to_what_it_reports) {
  ledger numbers{{.overhead = {1, 2 * gib, 0, gib}}};
  numbers.increment(
    an_entry(reservation_types::container, {2, gib / 2, 0, gib}));
  BOOST_CHECK(numbers.current_units() == (resource_amount{3, 2.5, 0, 2}));
  BOOST_CHECK(numbers.used() == (resources{2, gib / 2, 0, gib}));
}

BOOST_AUTO_TEST_CASE(counts_each_type_under_its_own_name) {
  ledger numbers;
  using namespace reservation_types;
  for (auto& type : {volume, zdb, container, kubernetes, debug, public_ip})
    numbers.increment(an_entry(type));
  auto counts = numbers.current_workloads();
  BOOST_CHECK(counts
              == (workload_amount{
                .volume = 1, .zdb_namespace = 1, .container = 1, .k8s_vm = 1}));
  BOOST_CHECK(numbers.counters() == (provision_counters{1, 1, 0, 1, 1, 1}));
}

BOOST_AUTO_TEST_SUITE_END()
