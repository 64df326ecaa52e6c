#pragma once

#include <string>

#include "explorer/simulated/object_reader.hpp"

namespace provision::simulated {

/// Where a farm or a node is.
struct location {
  std::string city = {};
  std::string country = {};
  std::string continent = {};
  double latitude = 0;
  double longitude = 0;

  bool operator==(const location&) const = default;
};

location read_location(object_reader reader);
std::string write(const location& where);

} // namespace provision::simulated
