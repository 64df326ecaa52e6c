#include "messages/latency.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(latency_test)

BOOST_AUTO_TEST_CASE(counts_a_span_in_the_range_whose_end_it_does_not_pass) {
  latency times;
  times.observe(100us);
  times.observe(100us + 1ns);
  times.observe(3600s);
  times.observe(3600s + 1ns);
  BOOST_TEST(times.counts().front() == 1U);
  BOOST_TEST(times.counts()[1] == 1U);
  BOOST_TEST(times.counts()[latency::ends.size() - 1] == 1U);
  BOOST_TEST(times.counts().back() == 1U);
  BOOST_TEST(times.count() == 4U);
}

BOOST_AUTO_TEST_CASE(sums_spans_and_takes_a_negative_one_for_none) {
  latency times;
  times.observe(2s);
  times.observe(500ms);
  times.observe(-1s);
  BOOST_TEST((times.sum() == 2500ms));
  BOOST_TEST(times.counts().front() == 1U);
}

BOOST_AUTO_TEST_CASE(ranges_follow_one_another) {
  BOOST_TEST(std::is_sorted(latency::ends.begin(), latency::ends.end()));
}

BOOST_AUTO_TEST_SUITE_END()
