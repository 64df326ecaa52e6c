#pragma once

#include <iosfwd>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/replay/machine.hpp"
#include "bench/replay/measurement.hpp"
#include "bench/replay/options.hpp"
#include "bench/replay/spread.hpp"

namespace provision::bench {

/// All that was measured, and where.
struct report {
  replay_options told = {};
  bench::machine machine = {};
  /// One per number of cached workloads.
  std::vector<measurement> measurements = {};
};

/// A number of each run of a measurement.
template <class Read>
spread over_runs(const measurement& of, Read read) {
  std::vector<double> values;
  for (auto& run : of.runs)
    values.push_back(read(run));
  return spread_of(std::move(values));
}

/// Share of the limit that each run reached.
spread ratio_of_limit(const measurement& of);

/// The share where a PUT is no round trip of its own.
spread ratio_of_limit_together(const measurement& of);

/// What the other types did while one hung, as a share of what they did in the
/// same stream without the hang.
spread ratio_of_undisturbed(const measurement& of);

/// The share that is held against --ratio-min: the best run's, of the last
/// measurement.
double best_ratio(const report& all);

/// Of all runs: the one with the median rate.
const measured_run& median_run(const measurement& of);

/// What was done, in words: "10,000 reservations, ...".
std::string describe(const replay_options& told);

/// A table for people.
void print(std::ostream& out, const report& all);

/// For machines; documented in bench/README.md.
nlohmann::json to_json(const report& all);

} // namespace provision::bench
