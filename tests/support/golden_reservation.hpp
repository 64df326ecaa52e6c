#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "messages/json/json.hpp"
#include "messages/reservation.hpp"

namespace provision::test {

/// A reservation as the original node has it in its cache, decoded.
inline reservation golden_reservation(const std::string& type) {
  std::ifstream file{"tests/golden/reservations/" + type + ".json"};
  auto r = json::read_reservation(
             std::string{std::istreambuf_iterator<char>{file}, {}})
             .value();
  json::decode_workload(r);
  return r;
}

} // namespace provision::test
