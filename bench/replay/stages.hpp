#pragma once

#include <string>

#include "bench/replay/figures.hpp"
#include "bench/replay/stream.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// What measuring the stages is told.
struct stage_orders {
  stream documents = {};
  /// On the disk to be measured; fresh.
  std::string folder = {};
  /// Records to write: as many as a run.
  std::size_t records = 10'000;
  /// Records per sync, as a run before had them.
  std::size_t intents_per_sync = 64;
  std::size_t outcomes_per_sync = 64;
  /// Explorer that holds the documents; empty: no PUTs.
  std::string explorer_url = {};
  int explorer_pid = -1;
  std::size_t puts_in_flight = 16;
  bool verify = true;
  /// The node has had these documents before.
  bool known = false;
};

/// Takes the costs of each stage alone, on one core, with documents from the
/// stream's beginning. Takes a few seconds.
expected<stage_costs> measure_stages(const stage_orders& orders);

} // namespace provision::bench
