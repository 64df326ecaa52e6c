#include "backends/simulated/volume_backend.hpp"

#include <stdexcept>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(simulated_volume_backend_test)

BOOST_AUTO_TEST_CASE(keeps_volumes_from_one_backend_to_the_next) {
  const auto host = std::make_shared<simulated_volumes>();
  BOOST_CHECK(simulated_volume_backend{host}.ensure("7-1", 10));
  simulated_volume_backend next{host};
  BOOST_CHECK(next.inspect("7-1").state == presence::present);
  BOOST_CHECK_EQUAL(next.inspect("7-1").limit_bytes, 10U);
  BOOST_CHECK(!next.destroy("7-1"));
  BOOST_CHECK(!next.destroy("7-1"));
  BOOST_CHECK(next.inspect("7-1").state == presence::absent);
  BOOST_CHECK_EQUAL(host->calls().size(), 6U);
  BOOST_CHECK_EQUAL(host->calls().front(), "ensure 7-1 10");
}

BOOST_AUTO_TEST_CASE(keeps_the_rules_of_the_port) {
  const auto host = std::make_shared<simulated_volumes>();
  simulated_volume_backend backend{host};
  BOOST_CHECK(!backend.ability().enforced);
  BOOST_CHECK(backend.ensure("../7", 10).error().code
              == errc::invalid_reservation);
  BOOST_REQUIRE(backend.ensure("7-1", 10));
  host->set_used("7-1", 8);
  BOOST_CHECK(backend.ensure("7-1", 8));
  BOOST_CHECK(backend.ensure("7-1", 7).error().code
              == errc::invalid_reservation);
}

BOOST_AUTO_TEST_CASE(fails_and_throws_where_told_to) {
  const auto host = std::make_shared<simulated_volumes>();
  simulated_volume_backend backend{host};
  const error broken{errc::backend_failure, "scripted"};
  host->fail_at(1, {.what = broken});
  host->fail_at(2, {.what = broken, .throws = true});
  host->fail_at(3, {.what = broken, .after_effect = true});
  BOOST_CHECK(backend.ensure("7-1", 10).error() == broken);
  BOOST_CHECK_THROW((void)backend.ensure("7-1", 10), std::runtime_error);
  BOOST_CHECK(host->volumes().empty());
  BOOST_CHECK(!backend.ensure("7-1", 10));
  BOOST_CHECK_EQUAL(host->volumes().count("7-1"), 1U);
  host->fail_for("7-1", {.what = broken});
  BOOST_CHECK(backend.destroy("7-1") == broken);
  BOOST_CHECK(backend.inspect("7-1").state == presence::unknown);
  BOOST_CHECK(backend.ensure("8-1", 10));
  host->heal("7-1");
  BOOST_CHECK(!backend.destroy("7-1"));
  BOOST_CHECK_EQUAL(host->volumes().count("7-1"), 0U);
}

BOOST_AUTO_TEST_SUITE_END()
