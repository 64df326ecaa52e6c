#include "daemon/readiness.hpp"

#include <boost/test/unit_test.hpp>

using provision::readiness;

namespace readiness_test {
namespace {

struct announced {
  int times = 0;
  readiness ready{[this] { ++times; }};
};

} // namespace
} // namespace readiness_test

BOOST_FIXTURE_TEST_SUITE(readiness_test, announced)

BOOST_AUTO_TEST_CASE(an_engine_behind_closed_doors_is_not_ready) {
  ready.engine_recovered();
  BOOST_CHECK(!ready.reached());
  BOOST_CHECK_EQUAL(times, 0);
  ready.doors_opened();
  BOOST_CHECK(ready.reached());
  BOOST_CHECK_EQUAL(times, 1);
}

BOOST_AUTO_TEST_CASE(open_doors_without_an_engine_are_not_ready) {
  ready.doors_opened();
  BOOST_CHECK(!ready.reached());
  BOOST_CHECK_EQUAL(times, 0);
  ready.engine_recovered();
  BOOST_CHECK_EQUAL(times, 1);
}

BOOST_AUTO_TEST_CASE(it_is_said_once) {
  ready.engine_recovered();
  ready.engine_recovered();
  ready.doors_opened();
  ready.engine_recovered();
  BOOST_CHECK_EQUAL(times, 1);
}

BOOST_AUTO_TEST_SUITE_END()
