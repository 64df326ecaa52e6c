#pragma once

#include <nlohmann/json.hpp>

#include "bench/replay/figures.hpp"
#include "bench/replay/spread.hpp"

namespace provision::bench {

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(spread, min, median, max)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(stage_cost, cpu_us, wall_us)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(stage_costs, decode, verify, store, sign,
                                   http, explorer_us, http_together,
                                   explorer_together_us)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(tail, p50, p99, p999)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(bar, limit_ms, count)
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(run_figures, seconds, count,
                                   reservations_per_second, latency_ms,
                                   latency_bars, rates, ready_seconds, cpu_us,
                                   explorer_cpu_us, cores_left, idle_cpu,
                                   others_per_second, rss_bytes,
                                   intents_per_sync, outcomes_per_sync, syncs,
                                   refused)

} // namespace provision::bench
