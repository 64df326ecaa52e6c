#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/faults.hpp"

namespace provision::simulation {

/// What the command line asks for.
struct session_options {
  std::optional<std::uint64_t> only = {};
  std::uint64_t first = 1;
  std::uint64_t last = 100;
  double minutes = 0;
  std::vector<fault_kind> faults = {};
  std::uint64_t steps = 0;
  std::string defect = {};
  bool defects = false;
  bool crash_matrix = false;
  bool json = false;
  /// Runs every seed twice; both must leave the same trace.
  bool twice = false;
  /// Processes that run seeds at the same time.
  unsigned jobs = 1;
};

/// "A..B" with A <= B.
bool read_range(const std::string& text, std::uint64_t& first,
                std::uint64_t& last);

/// The program's exit status: 0 if all promises held.
int run_session(const session_options& options);

} // namespace provision::simulation
