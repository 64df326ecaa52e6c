#pragma once

#include <string>

#include "bench/replay/figures.hpp"
#include "bench/replay/isolated.hpp"
#include "bench/replay/options.hpp"
#include "bench/replay/stream.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision::bench {

/// What one run is told.
struct run_orders {
  replay_options options = {};
  /// No file: nothing is replayed.
  stream documents = {};
  /// Folder with the store; a fresh one, or one that was built.
  std::string folder = {};
  /// Base URL; empty: results are accepted in process.
  std::string explorer_url = {};
  int explorer_pid = -1;
  /// For removals: when the first built workload's time ends.
  timestamp first_deadline = end_of_time;
  /// File for a recording of the run; empty: none.
  std::string record_file = {};
};

/// One run of an engine in this process: opens the store, replays the stream
/// (or waits for deadlines, or does nothing) and takes the figures.
expected<run_figures> run_engine(const run_orders& orders, progress& shared);

} // namespace provision::bench
