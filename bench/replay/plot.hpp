#pragma once

#include <string>

#include "bench/replay/report.hpp"

namespace provision::bench {

/// An SVG picture: throughput over the median run's time, its latencies, and
/// the cost of a reservation against the number of cached workloads, as far as
/// they were measured.
std::string plot(const report& all);

} // namespace provision::bench
