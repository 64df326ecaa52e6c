#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/replay/options.hpp"
#include "bench/replay/stream.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// What one run is told.
struct run_orders {
  replay_options options = {};
  stream documents = {};
  /// Fresh folder for the store.
  std::string folder = {};
  /// Base URL; empty: results are accepted in process.
  std::string explorer_url = {};
};

/// What one run came to.
struct run_figures {
  /// From the first reservation handed over to the last result accepted.
  double seconds = 0;
  std::uint64_t accepted = 0;
  double reservations_per_second = 0;
  /// From opening the store to READY.
  double ready_seconds = 0;
  /// CPU time of this process per reservation, microseconds.
  double cpu_us = 0;
  /// The same of the explorer's process.
  double explorer_cpu_us = 0;
  std::uint64_t rss_bytes = 0;
};

/// Replays the stream through an engine of this process.
expected<run_figures> run_engine(const run_orders& orders, int explorer_pid);

} // namespace provision::bench
