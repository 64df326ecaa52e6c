#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace provision::salvage {

/// One change of a row, as a table or a log holds it.
struct row {
  std::string key = {};
  /// LevelDB's number of the change: of several for one key the highest counts.
  std::uint64_t sequence = 0;
  bool is_deletion = false;
  std::string_view value = {};
  /// The checksum around it does not match: the row may be anything.
  bool is_doubtful = false;
};

/// Where a reader brings what it finds.
struct findings {
  std::function<void(const row&)> take;
  /// What was put right or is lost, for people.
  std::function<void(std::string)> tell;
};

/// Bytes outside ASCII as \xNN.
std::string printable(std::string_view key);

} // namespace provision::salvage
