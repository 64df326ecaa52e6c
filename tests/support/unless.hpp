#pragma once

#include <boost/test/unit_test.hpp>

#include <iostream>
#include <string>

namespace provision::test {

/// What a precondition of Boost.Test answers: the case runs unless there is an
/// obstacle. Says which, so that nobody takes a skipped case for a passed one.
inline boost::test_tools::assertion_result unless(const std::string& obstacle) {
  boost::test_tools::assertion_result result{obstacle.empty()};
  result.message() << obstacle;
  if (!result)
    std::cout << "SKIP: " << obstacle << '\n';
  return result;
}

} // namespace provision::test
