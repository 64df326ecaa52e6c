#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "bench/replay/figures.hpp"
#include "bench/replay/options.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// One run, and what the stages cost in the same minute.
struct measured_run {
  run_figures figures = {};
  /// Mean of before and after the run; zero where stages do not matter.
  stage_costs costs = {};
  /// Reservations per second that the stages alone would allow.
  double limit = 0;
  /// The same where a PUT is no round trip of its own.
  double limit_together = 0;
  /// With a type that hangs: reservations of the other types per second in a
  /// run of the same stream in which it does not.
  double others_undisturbed = 0;
};

/// Repeated runs with the same number of workloads running already.
struct measurement {
  std::uint64_t cached = 0;
  std::vector<measured_run> runs = {};
};

/// Whether the stages bound what is measured.
bool has_limit(const replay_options& told) noexcept;

/// The costs where PUTs go several at a time.
stage_costs with_puts_together(stage_costs costs) noexcept;

/// Reservations per second if `cores` cores did nothing but these stages; or,
/// one reservation at a time, if nothing happened between them.
double limit_of(const replay_options& told, const stage_costs& costs,
                unsigned cores);

/// Takes a measurement for each number of cached workloads. Files live below
/// `folder`, which the caller removes.
expected<std::vector<measurement>> measure(const replay_options& told,
                                           const std::string& folder);

} // namespace provision::bench
