#include "bench/replay/report.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>
#include <sstream>

namespace provision::bench {

namespace {

constexpr double mib = 1U << 20U;

/// "12,345" from 100 on, else with as many digits as matter.
std::string readable(double number) {
  std::ostringstream text;
  if (number < 100) {
    text << std::fixed
         << std::setprecision(number < 1    ? 3
                              : number < 10 ? 2
                                            : 1)
         << number;
    return text.str();
  }
  text << std::fixed << std::setprecision(0) << number;
  auto digits = text.str();
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0;
       at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

void row(std::ostream& out, const std::string& name, const spread& values) {
  out << "  " << std::left << std::setw(38) << name << std::right
      << std::setw(12) << readable(values.min) << std::setw(12)
      << readable(values.median) << std::setw(12) << readable(values.max)
      << '\n';
}

template <class Read>
void row(std::ostream& out, const std::string& name, const measurement& of,
         Read read) {
  row(out, name, over_runs(of, read));
}

/// Whether reports go out several at a time.
bool sends_together(const replay_options& told) {
  return has_limit(told) && told.explorer == explorer_kind::sim
         && told.sync == sync_mode::group && !told.known;
}

void print_machine(std::ostream& out, const report& all) {
  auto& m = all.machine;
  out << "provision-replay " << m.version << " (" << m.commit << ", " << m.build
      << "), " << m.at << '\n'
      << m.processor << ", " << m.cores << " cores, " << m.system << ", "
      << m.disk << " below " << all.told.folder << "\n\n";
}

void print_latency(std::ostream& out, const measurement& of,
                   const std::string& from_to) {
  row(out, from_to + ", ms: p50", of,
      [](auto& run) { return run.figures.latency_ms.p50; });
  row(out, "  p99", of, [](auto& run) { return run.figures.latency_ms.p99; });
  row(out, "  p99.9", of,
      [](auto& run) { return run.figures.latency_ms.p999; });
}

void print_rates(std::ostream& out, const report& all, const measurement& of) {
  row(out, "reservations/s", of,
      [](auto& run) { return run.figures.reservations_per_second; });
  if (!all.told.hang.empty())
    row(out, "  of types that do not hang", of,
        [](auto& run) { return run.figures.others_per_second; });
  if (!all.told.hang.empty()) {
    row(out, "    without the hang", of,
        [](auto& run) { return run.others_undisturbed; });
    row(out, "    share of that", ratio_of_undisturbed(of));
  }
  if (has_limit(all.told)) {
    row(out, "limit/s", of, [](auto& run) { return run.limit; });
    row(out, "share of the limit", ratio_of_limit(of));
    if (sends_together(all.told)) {
      row(out, "  with PUTs together, limit/s", of,
          [](auto& run) { return run.limit_together; });
      row(out, "    share of that", ratio_of_limit_together(of));
    }
  }
  row(out, "CPU per reservation, us", of,
      [](auto& run) { return run.figures.cpu_us; });
  if (all.told.explorer == explorer_kind::sim)
    row(out, "  the explorer's", of,
        [](auto& run) { return run.figures.explorer_cpu_us; });
  row(out, "intents per sync", of,
      [](auto& run) { return run.figures.intents_per_sync; });
  row(out, "outcomes per sync", of,
      [](auto& run) { return run.figures.outcomes_per_sync; });
}

void print_stages(std::ostream& out, const report& all, const measurement& of) {
  out << "\n  stage, alone, us per reservation        CPU min      median"
         "         max   wall (median)\n";
  auto line = [&](const char* name, stage_cost stage_costs::*which) {
    auto cpu
      = over_runs(of, [&](auto& run) { return (run.costs.*which).cpu_us; });
    auto wall
      = over_runs(of, [&](auto& run) { return (run.costs.*which).wall_us; });
    out << "  " << std::left << std::setw(38) << name << std::right
        << std::setw(12) << readable(cpu.min) << std::setw(12)
        << readable(cpu.median) << std::setw(12) << readable(cpu.max)
        << std::setw(16) << readable(wall.median) << '\n';
  };
  line("decode", &stage_costs::decode);
  if (all.told.verify)
    line("verify", &stage_costs::verify);
  line("store, at the groups of the run", &stage_costs::store);
  line("sign", &stage_costs::sign);
  if (all.told.explorer == explorer_kind::sim) {
    line("http, this side", &stage_costs::http);
    row(out, "http, the explorer's side", of,
        [](auto& run) { return run.costs.explorer_us; });
  }
  if (sends_together(all.told)) {
    line("http together, this side", &stage_costs::http_together);
    row(out, "http together, the explorer's side", of,
        [](auto& run) { return run.costs.explorer_together_us; });
  }
}

void print_measurement(std::ostream& out, const report& all,
                       const measurement& of) {
  out << std::left << std::setw(40)
      << (of.cached == 0 ? ""
                         : readable(static_cast<double>(of.cached))
                             + " workloads run already")
      << std::right << std::setw(12) << "min" << std::setw(12) << "median"
      << std::setw(12) << "max" << '\n';
  bool replays = all.told.expire == 0 && all.told.idle == 0;
  if (replays)
    print_rates(out, all, of);
  if (all.told.idle > 0)
    row(out, "CPU while idle, % of a core", of,
        [](auto& run) { return run.figures.idle_cpu * 100; });
  if (all.told.expire > 0)
    print_latency(out, of, "deadline to decommissioning");
  else if (replays && !all.told.known)
    print_latency(out, of, "handed over to accepted");
  row(out, "start to READY, s", of,
      [](auto& run) { return run.figures.ready_seconds; });
  row(out, "resident, MiB", of, [](auto& run) {
    return static_cast<double>(run.figures.rss_bytes) / mib;
  });
  row(out, "cores that nobody else used", of,
      [](auto& run) { return run.figures.cores_left; });
  if (has_limit(all.told))
    print_stages(out, all, of);
  out << '\n';
}

} // namespace

spread ratio_of_limit(const measurement& of) {
  return over_runs(of, [](auto& run) {
    return run.limit > 0 ? run.figures.reservations_per_second / run.limit : 0;
  });
}

spread ratio_of_limit_together(const measurement& of) {
  return over_runs(of, [](auto& run) {
    return run.limit_together > 0
             ? run.figures.reservations_per_second / run.limit_together
             : 0;
  });
}

spread ratio_of_undisturbed(const measurement& of) {
  return over_runs(of, [](auto& run) {
    return run.others_undisturbed > 0
             ? run.figures.others_per_second / run.others_undisturbed
             : 0;
  });
}

double best_ratio(const report& all) {
  const auto& last = all.measurements.back();
  return all.told.hang.empty() ? ratio_of_limit(last).max
                               : ratio_of_undisturbed(last).max;
}

const measured_run& median_run(const measurement& of) {
  std::vector<const measured_run*> sorted;
  for (auto& run : of.runs)
    sorted.push_back(&run);
  std::sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) {
    return a->figures.reservations_per_second
           < b->figures.reservations_per_second;
  });
  return *sorted[sorted.size() / 2];
}

std::string describe(const replay_options& told) {
  std::string text;
  if (told.expire > 0)
    text = readable(static_cast<double>(told.expire))
           + " workloads whose time ends within "
           + readable(told.expire_seconds) + " s";
  else if (told.idle > 0)
    text = "nothing to do for " + readable(told.idle) + " s";
  else if (!told.stream.empty())
    text = "the stream " + told.stream;
  else
    text = readable(static_cast<double>(told.count))
           + " generated reservations (seed " + std::to_string(told.seed) + ", "
           + told.mix + ")";
  if (told.expire == 0 && told.idle == 0) {
    if (told.known)
      text += ", all known already";
    text += told.verify ? ", signatures checked" : ", signatures not checked";
    text += told.explorer == explorer_kind::sim
              ? ", reports to explorer-sim over HTTP"
              : ", reports accepted in process";
    text += told.sync == sync_mode::each ? ", strictly one at a time"
                                         : ", grouped syncs";
    if (!told.hang.empty())
      text += ", " + told.hang + " hangs for "
              + std::to_string(told.deadline_ms) + " ms each time";
  }
  return text + "; " + std::to_string(told.repetitions)
         + (told.repetitions == 1 ? " run" : " runs");
}

void print(std::ostream& out, const report& all) {
  print_machine(out, all);
  out << describe(all.told) << "\n\n";
  for (auto& one : all.measurements)
    print_measurement(out, all, one);
}

} // namespace provision::bench
