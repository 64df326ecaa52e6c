#pragma once

#include <cstdint>
#include <vector>

#include "tests/simulation/seed_runners.hpp"

namespace provision::simulation {

/// What many seeds come to.
struct session_totals {
  std::uint64_t seeds = 0;
  std::uint64_t failed = 0;
  std::uint64_t steps = 0;
  std::uint64_t checks = 0;
  std::uint64_t deaths = 0;
  /// Of all traces, in the order of the seeds.
  std::uint64_t traces = 0;
  double virtual_seconds = 0;
  double real_seconds = 0;
  std::vector<std::uint64_t> failed_seeds = {};

  void add(const seed_result& one);
};

/// One line on standard error that the next one replaces.
void show_progress(const session_totals& sum, double seconds_left);

/// The last lines of the output, or one JSON object.
void show_totals(const session_totals& sum, bool as_json);

} // namespace provision::simulation
