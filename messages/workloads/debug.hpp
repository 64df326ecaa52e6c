#pragma once

#include <cstdint>
#include <string>

namespace provision::workloads {

/// Sends the node's log to a redis server.
struct debug {
  std::string host = {};
  std::int64_t port = 0;
  /// Empty: the usual one.
  std::string channel = {};

  bool operator==(const debug&) const = default;
};

} // namespace provision::workloads
