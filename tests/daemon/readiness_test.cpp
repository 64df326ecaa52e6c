#include "daemon/readiness.hpp"

#include <boost/test/unit_test.hpp>

using provision::readiness;
using provision::status_news;

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

BOOST_AUTO_TEST_CASE(it_is_reached_once_it_is_said) {
  bool was_reached = false;
  readiness other{[&] { was_reached = other.reached(); }};
  other.engine_recovered();
  other.doors_opened();
  BOOST_CHECK(!was_reached);
  BOOST_CHECK(other.reached());
}

BOOST_AUTO_TEST_CASE(it_is_said_once) {
  ready.engine_recovered();
  ready.engine_recovered();
  ready.doors_opened();
  ready.engine_recovered();
  BOOST_CHECK_EQUAL(times, 1);
}

BOOST_AUTO_TEST_CASE(a_status_before_that_is_told_again_behind_it) {
  status_news status{ready};
  ready.engine_recovered();
  BOOST_CHECK(!status.is_news("running, 0 queued"));
  ready.doors_opened();
  BOOST_CHECK(status.is_news("running, 0 queued"));
}

BOOST_AUTO_TEST_CASE(a_status_is_told_when_it_changes) {
  status_news status{ready};
  ready.engine_recovered();
  ready.doors_opened();
  BOOST_CHECK(status.is_news("running, 0 queued"));
  BOOST_CHECK(!status.is_news("running, 0 queued"));
  BOOST_CHECK(status.is_news("running, 1 queued"));
  BOOST_CHECK(status.is_news("running, 0 queued"));
}

BOOST_AUTO_TEST_SUITE_END()
