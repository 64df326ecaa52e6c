#include "explorer/retry_policy.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(retry_policy_test)

BOOST_AUTO_TEST_CASE(grows_by_half_with_every_failure) {
  retry_policy policy;
  BOOST_CHECK(policy.next_delay(0, 0.5) == 500ms);
  BOOST_CHECK(policy.next_delay(1, 0.5) == 750ms);
  BOOST_CHECK(policy.next_delay(2, 0.5) == 1125ms);
}

BOOST_AUTO_TEST_CASE(strays_by_half_to_either_side) {
  retry_policy policy;
  BOOST_CHECK(policy.next_delay(0, 0.0) == 250ms);
  BOOST_CHECK(policy.next_delay(0, 1.0) == 750ms);
}

BOOST_AUTO_TEST_CASE(stops_growing_however_long_the_explorer_is_away) {
  retry_policy policy;
  for (std::uint32_t attempt : {9U, 100U, 5000U, 4000000000U})
    BOOST_CHECK(policy.next_delay(attempt, 0.5) == 15000ms);
}

BOOST_AUTO_TEST_CASE(takes_a_random_number_out_of_range_for_the_nearest) {
  retry_policy policy;
  BOOST_CHECK(policy.next_delay(0, -3.0) == 250ms);
  BOOST_CHECK(policy.next_delay(0, 7.0) == 750ms);
}

BOOST_AUTO_TEST_SUITE_END()
