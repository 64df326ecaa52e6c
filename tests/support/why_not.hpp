#pragma once

#include <string>

#include "messages/error.hpp"

namespace provision::test {

/// Empty if it did not fail.
inline std::string why_not(const error& failed) {
  return failed ? to_string(failed) : "";
}

} // namespace provision::test
