#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

#include "bench/replay/recording.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// One thing that is not as it was recorded.
struct difference {
  /// Reservation; empty for the whole recording.
  std::string id = {};
  std::string recorded = {};
  std::string replayed = {};
};

struct comparison {
  std::size_t documents = 0;
  std::size_t reservations = 0;
  /// Removals that the node decided on itself (their time was over, or a
  /// module gave them up): nothing in a recording asks for them.
  std::size_t own_removals = 0;
  std::vector<difference> differences = {};
};

/// What a replay came to.
struct replayed_day {
  std::vector<std::string> order = {};
  told_of reports = {};
};

/// Plays a recording to the engine of this program: its documents in its
/// pages, provisioners answer as they did. The store lives below `folder`.
expected<replayed_day> replay_day(const recording& day,
                                  const std::string& folder);

/// Where the two differ.
comparison compare(const recording& day, const replayed_day& again);

/// All of it for a file.
expected<comparison> compare(const std::string& path,
                             const std::string& folder);

void print(std::ostream& out, const comparison& found);

} // namespace provision::bench
