#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "bench/replay/options.hpp"
#include "identity/key_directory.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// The documents that are replayed, on disk.
struct stream {
  /// JSON lines.
  std::string file = {};
  /// JSON lines with the users who signed them.
  std::string users_file = {};
  std::string node_id = {};
  std::uint64_t count = 0;
};

/// Writes a generated stream below `folder`, or looks at the given one.
expected<stream> prepare_stream(const replay_options& told,
                                const std::string& folder);

/// The users of a file, in memory.
expected<std::shared_ptr<key_directory>>
open_users(const std::string& users_file);

} // namespace provision::bench
