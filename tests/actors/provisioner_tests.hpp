#pragma once

#include <boost/test/unit_test.hpp>

#include <string>

#include "actors/provisioners/function_provisioner.hpp"
#include "tests/support/golden_reservation.hpp"

namespace provision::test {

/// A provisioner refuses `wanted` as its user's mistake, and says why.
inline void check_refused(const workload_functions& both,
                          const reservation& wanted, const std::string& why) {
  const auto done = both.provision(wanted);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::invalid_reservation);
  BOOST_TEST_INFO(done.error().message);
  BOOST_CHECK(done.error().message.find(why) != std::string::npos);
}

} // namespace provision::test
