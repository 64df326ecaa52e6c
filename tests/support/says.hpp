#pragma once

#include <string>

#include <boost/test/unit_test.hpp>

namespace provision::test {

/// Whether `text` has `part` in it; a failed check that shows both if not.
inline bool says(const std::string& text, const std::string& part) {
  bool found = text.find(part) != std::string::npos;
  BOOST_CHECK_MESSAGE(found, "'" + part + "' is missing in: " + text);
  return found;
}

} // namespace provision::test
