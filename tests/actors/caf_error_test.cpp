#include "actors/caf_error.hpp"

#include <boost/test/unit_test.hpp>

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(caf_error_test)

BOOST_AUTO_TEST_CASE(carries_our_errors_there_and_back) {
  for (std::uint8_t code = 1; code <= 31; ++code) {
    error what{static_cast<errc>(code), "thing 7-1: is wrong", -5};
    BOOST_CHECK(from_caf(to_caf(what)) == what);
  }
  BOOST_CHECK(!to_caf(error{}));
  BOOST_CHECK(!from_caf(caf::error{}));
}

BOOST_AUTO_TEST_CASE(translates_what_caf_says_itself) {
  BOOST_CHECK(from_caf(caf::sec::request_timeout).code
              == errc::deadline_exceeded);
  BOOST_CHECK(from_caf(caf::sec::request_receiver_down).code
              == errc::shutting_down);
  BOOST_CHECK(from_caf(caf::sec::runtime_error).code
              == errc::provisioner_crashed);
  BOOST_CHECK(from_caf(caf::exit_reason::kill).code
              == errc::provisioner_crashed);
}

BOOST_AUTO_TEST_SUITE_END()
