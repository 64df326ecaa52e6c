#pragma once

#include <string>

namespace provision::bench {

/// Where and of what figures were taken.
struct machine {
  std::string processor = {};
  unsigned cores = 0;
  /// "Linux 6.1.0".
  std::string system = {};
  /// File system below the measured folder: "ext4".
  std::string disk = {};
  std::string version = {};
  std::string commit = {};
  /// "Release".
  std::string build = {};
  /// RFC 3339.
  std::string at = {};
};

machine describe_machine(const std::string& folder);

} // namespace provision::bench
