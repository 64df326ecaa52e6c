#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace provision::bench {

/// What one stage costs one reservation.
struct stage_cost {
  /// CPU time, microseconds.
  double cpu_us = 0;
  /// Time that passes if nothing else happens meanwhile, microseconds.
  double wall_us = 0;
};

/// What a reservation cannot do without, one by one and alone: what the
/// functions below the actors cost on this machine, now.
struct stage_costs {
  /// Text to reservation; of what is known, as much of the text as is read.
  stage_cost decode = {};
  /// The customer's signature over the decoded document.
  stage_cost verify = {};
  /// Intent and outcome on disk, each synced with its group.
  stage_cost store = {};
  /// The result's text and its signature.
  stage_cost sign = {};
  /// The PUT, this side of it; wall: from sending to the answer, alone.
  stage_cost http = {};
  /// The PUT, the explorer's side.
  double explorer_us = 0;
  /// The same two where PUTs go several at a time, as the node sends them.
  stage_cost http_together = {};
  double explorer_together_us = 0;
};

/// Three points of a distribution, milliseconds.
struct tail {
  double p50 = 0;
  double p99 = 0;
  double p999 = 0;
};

/// One bar of a histogram: how many were above the last bar's limit and not
/// above this one's.
struct bar {
  double limit_ms = 0;
  std::uint64_t count = 0;
};

/// What one run came to.
struct run_figures {
  /// From the first reservation handed over to the last result accepted.
  double seconds = 0;
  /// Reservations whose result was accepted; known ones; removals.
  std::uint64_t count = 0;
  double reservations_per_second = 0;
  /// Handed over to accepted; for removals: deadline to decommissioning.
  tail latency_ms = {};
  std::vector<bar> latency_bars = {};
  /// Accepted per second in each of equal slices of the run.
  std::vector<double> rates = {};
  /// From opening the store to READY.
  double ready_seconds = 0;
  /// CPU time per reservation, microseconds: this process, the explorer's.
  double cpu_us = 0;
  double explorer_cpu_us = 0;
  /// Cores that nobody else used during the run.
  double cores_left = 0;
  /// Share of one core used while idle.
  double idle_cpu = 0;
  /// Reservations of types that do not hang, per second, from the first
  /// reservation handed over to the last result of those types.
  double others_per_second = 0;
  std::uint64_t rss_bytes = 0;
  /// Mean number of records that shared a sync: intents, outcomes.
  double intents_per_sync = 0;
  double outcomes_per_sync = 0;
  std::uint64_t syncs = 0;
  /// Answers of the explorer other than acceptance.
  std::uint64_t refused = 0;
};

} // namespace provision::bench
