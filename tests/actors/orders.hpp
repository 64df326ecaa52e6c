#pragma once

#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

#include "tests/support/node_under_test.hpp"

/// What tests of the engine's actors order, and how they compare what came.
namespace provision::testing {

using texts = std::vector<std::string>;

inline reservation a_zdb(std::string id) {
  auto r = a_volume(std::move(id));
  r.type = reservation_types::zdb;
  r.data = R"({"size":5,"mode":"user","password":"","disk_type":"hdd",)"
           R"("public":true})";
  return r;
}

inline reservation deleting(reservation r) {
  r.to_delete = true;
  return r;
}

inline reservation replacing(reservation r, std::string reference) {
  r.reference = std::move(reference);
  return r;
}

inline void check_equal(const texts& left, const texts& right) {
  BOOST_CHECK_EQUAL_COLLECTIONS(left.begin(), left.end(), right.begin(),
                                right.end());
}

} // namespace provision::testing
