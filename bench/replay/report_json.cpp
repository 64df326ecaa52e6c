#include <utility>

#include "bench/replay/figures_json.hpp"
#include "bench/replay/report.hpp"

namespace provision::bench {

namespace {

using nlohmann::json;

template <class Read>
double median_of(const measurement& of, Read read) {
  return over_runs(of, read).median;
}

/// Medians of the runs' own percentiles.
json latency(const measurement& of) {
  return {
    {"p50", median_of(of, [](auto& r) { return r.figures.latency_ms.p50; })},
    {"p99", median_of(of, [](auto& r) { return r.figures.latency_ms.p99; })},
    {"p999", median_of(of, [](auto& r) { return r.figures.latency_ms.p999; })}};
}

json stages(const measurement& of, double stage_cost::*what) {
  auto stage = [&](stage_cost stage_costs::*which) {
    return median_of(of, [&](auto& r) { return r.costs.*which.*what; });
  };
  return {{"decode", stage(&stage_costs::decode)},
          {"verify", stage(&stage_costs::verify)},
          {"store", stage(&stage_costs::store)},
          {"sign", stage(&stage_costs::sign)},
          {"http", stage(&stage_costs::http)},
          {"http_together", stage(&stage_costs::http_together)}};
}

json one(const measurement& of) {
  auto figures = [&](auto run_figures::*which) {
    return over_runs(
      of, [&](auto& r) { return static_cast<double>(r.figures.*which); });
  };
  json made{
    {"cached", of.cached},
    {"reservations_per_second", figures(&run_figures::reservations_per_second)},
    {"limit_per_second", over_runs(of, [](auto& r) { return r.limit; })},
    {"ratio_of_limit", ratio_of_limit(of)},
    {"limit_together_per_second",
     over_runs(of, [](auto& r) { return r.limit_together; })},
    {"ratio_of_limit_together", ratio_of_limit_together(of)},
    {"others_per_second", figures(&run_figures::others_per_second)},
    {"others_undisturbed_per_second",
     over_runs(of, [](auto& r) { return r.others_undisturbed; })},
    {"ratio_of_undisturbed", ratio_of_undisturbed(of)},
    {"latency_ms", latency(of)},
    {"rss_bytes", figures(&run_figures::rss_bytes).median},
    {"ready_seconds", figures(&run_figures::ready_seconds).median},
    {"idle_cpu", figures(&run_figures::idle_cpu)},
    {"cpu_us", figures(&run_figures::cpu_us)},
    {"explorer_cpu_us", figures(&run_figures::explorer_cpu_us)},
    {"cores_left", figures(&run_figures::cores_left)},
    {"intents_per_sync", figures(&run_figures::intents_per_sync)},
    {"outcomes_per_sync", figures(&run_figures::outcomes_per_sync)},
    {"stages_us", stages(of, &stage_cost::cpu_us)},
    {"stages_wall_us", stages(of, &stage_cost::wall_us)}};
  made["stages_us"]["explorer"]
    = median_of(of, [](auto& r) { return r.costs.explorer_us; });
  made["stages_us"]["explorer_together"]
    = median_of(of, [](auto& r) { return r.costs.explorer_together_us; });
  for (auto& run : of.runs)
    made["runs"].push_back(
      {{"figures", run.figures},
       {"stages", run.costs},
       {"limit_per_second", run.limit},
       {"limit_together_per_second", run.limit_together},
       {"others_undisturbed_per_second", run.others_undisturbed}});
  return made;
}

} // namespace

nlohmann::json to_json(const report& all) {
  auto& m = all.machine;
  // The last measurement is the one that was asked for last: the largest.
  auto made = one(all.measurements.back());
  made["what"] = describe(all.told);
  made["machine"] = {{"processor", m.processor},
                     {"cores", m.cores},
                     {"system", m.system},
                     {"disk", m.disk},
                     {"at", m.at}};
  made["version"] = m.version;
  made["commit"] = m.commit;
  made["build"] = m.build;
  if (all.measurements.size() > 1)
    for (auto& each : all.measurements)
      made["by_cached"].push_back(one(each));
  return made;
}

} // namespace provision::bench
