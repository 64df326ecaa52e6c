#pragma once

#include <vector>

#include "bench/replay/figures.hpp"
#include "bench/replay/stream_journal.hpp"

namespace provision::bench {

/// Rates and latencies out of what was noted during a run.
void take_times(run_figures& figures, const stream_journal& journal);

/// Percentiles and bars of these spans, milliseconds.
void take_tail(run_figures& figures, std::vector<double> spans_ms);

} // namespace provision::bench
