#include "messages/timestamp.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace std::chrono_literals;

using std::chrono::nanoseconds;

BOOST_AUTO_TEST_SUITE(timestamp_test)

BOOST_AUTO_TEST_CASE(tells_year_one_from_the_epoch) {
  BOOST_TEST(timestamp{}.is_zero());
  BOOST_TEST(!timestamp{}.is_unix_epoch());
  BOOST_TEST(from_unix(0).is_unix_epoch());
  BOOST_TEST(!from_unix(0).is_zero());
}

BOOST_AUTO_TEST_CASE(adds_with_carry_in_both_directions) {
  timestamp at{100, 900'000'000};
  BOOST_CHECK(saturating_add(at, 200ms) == (timestamp{101, 100'000'000}));
  BOOST_CHECK(saturating_add(at, 100ms) == (timestamp{101, 0}));
  BOOST_CHECK(saturating_add(at, -900ms) == (timestamp{100, 0}));
  BOOST_CHECK(saturating_add(at, -901ms) == (timestamp{99, 999'000'000}));
  BOOST_CHECK(saturating_add(from_unix(0), -1ns)
              == (timestamp{-1, 999'999'999}));
}

BOOST_AUTO_TEST_CASE(stays_at_the_end_of_time) {
  auto longest = nanoseconds::max();
  BOOST_CHECK(saturating_add(end_of_time, 1s) == end_of_time);
  BOOST_CHECK(saturating_add({end_of_time.seconds - 1, 0}, longest)
              == end_of_time);
  BOOST_CHECK(saturating_add(from_unix(0), longest) < end_of_time);
}

BOOST_AUTO_TEST_CASE(subtracts_what_was_added) {
  timestamp at{1'614'250'050, 1};
  for (auto span : {0ns, 1ns, -1ns, nanoseconds{1500ms}, nanoseconds{-1500ms},
                    nanoseconds{24h}, nanoseconds::max(), nanoseconds::min()})
    BOOST_CHECK(difference(saturating_add(at, span), at) == span);
}

BOOST_AUTO_TEST_CASE(limits_differences_to_nanoseconds) {
  BOOST_CHECK(difference(end_of_time, timestamp{}) == nanoseconds::max());
  BOOST_CHECK(difference(timestamp{}, end_of_time) == nanoseconds::min());
  BOOST_CHECK(difference(from_unix(0), timestamp{}) == nanoseconds::max());
}

BOOST_AUTO_TEST_CASE(reads_the_machines_clock) {
  system_clock clock;
  auto first = clock.now();
  BOOST_CHECK(from_unix(1'600'000'000) < first);
  BOOST_CHECK(first.nanoseconds >= 0);
  BOOST_CHECK(first.nanoseconds < 1'000'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
