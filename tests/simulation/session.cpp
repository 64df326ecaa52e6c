#include "tests/simulation/session.hpp"

#include <unistd.h>

#include <bit>
#include <chrono>
#include <cstdio>
#include <iostream>

#include "tests/simulation/crash_matrix.hpp"
#include "tests/simulation/defect_table.hpp"
#include "tests/simulation/shrink.hpp"
#include "tests/simulation/world.hpp"

namespace provision::simulation {

namespace {

using stopwatch = std::chrono::steady_clock;

double seconds_since(stopwatch::time_point start) {
  return std::chrono::duration<double>(stopwatch::now() - start).count();
}

struct totals {
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

  void add(const outcome& one) {
    ++seeds;
    steps += one.steps;
    checks += one.checks;
    deaths += one.deaths;
    traces = std::rotl(traces, 1) ^ one.trace_hash;
    virtual_seconds += std::chrono::duration<double>(one.virtual_time).count();
  }
};

void show(const plan& what, const outcome& run) {
  for (auto& line : run.trace)
    std::cout << line << "\n";
  std::printf("seed %llu: reservations %u, faults %zu, steps %llu, virtual "
              "%.0f s, deaths %llu, trace %016llx\n",
              static_cast<unsigned long long>(what.seed), what.reservations,
              what.faults.size(), static_cast<unsigned long long>(run.steps),
              std::chrono::duration<double>(run.virtual_time).count(),
              static_cast<unsigned long long>(run.deaths),
              static_cast<unsigned long long>(run.trace_hash));
  if (run.broken)
    std::printf("%s is broken at step %llu: %s\n", run.broken->promise.c_str(),
                static_cast<unsigned long long>(run.steps),
                run.broken->text.c_str());
  std::fflush(stdout);
}

const defect& planted(const session_options& options) {
  static const defect none;
  auto* found = find_defect(options.defect);
  return found ? *found : none;
}

int run_one(const session_options& options) {
  auto what = plan_of(*options.only, options.faults, options.steps);
  auto run = world{what, planted(options), 100'000}.run();
  show(what, run);
  return run.broken ? 1 : 0;
}

void report_failure(const session_options& options, const plan& what,
                    const outcome& run) {
  auto smaller = shrink(what, run, planted(options));
  std::printf("\nseed %llu fails; the shortest run found:\n",
              static_cast<unsigned long long>(what.seed));
  show(smaller.what, smaller.run);
  std::printf("again, whole: provision-sim --seed %llu\n\n",
              static_cast<unsigned long long>(what.seed));
}

/// A seed stands for one run: again, it leaves the same trace.
bool repeats(const session_options& options, const plan& what,
             const outcome& before) {
  auto again = world{what, planted(options), 0}.run();
  if (again.trace_hash == before.trace_hash && again.steps == before.steps)
    return true;
  std::printf("seed %llu is not the same twice: %016llx after %llu steps, then "
              "%016llx after %llu\n",
              static_cast<unsigned long long>(what.seed),
              static_cast<unsigned long long>(before.trace_hash),
              static_cast<unsigned long long>(before.steps),
              static_cast<unsigned long long>(again.trace_hash),
              static_cast<unsigned long long>(again.steps));
  return false;
}

void show_progress(const totals& sum, double left) {
  std::fprintf(stderr, "\rseeds %llu, failed %llu, steps %llu, %.0f s left ",
               static_cast<unsigned long long>(sum.seeds),
               static_cast<unsigned long long>(sum.failed),
               static_cast<unsigned long long>(sum.steps), left);
}

void show_totals(const totals& sum, bool as_json) {
  auto rate = static_cast<double>(sum.steps) / sum.real_seconds;
  auto speed = sum.virtual_seconds / sum.real_seconds;
  if (as_json) {
    std::printf(
      "{\"seeds\":%llu,\"failed\":%llu,\"steps\":%llu,\"checks\":%llu,"
      "\"deaths\":%llu,\"traces\":\"%016llx\",\"virtual_seconds\":%.0f,"
      "\"seconds\":%.3f,"
      "\"steps_per_second\":%.0f,\"times_real_time\":%.0f,"
      "\"failed_seeds\":[",
      static_cast<unsigned long long>(sum.seeds),
      static_cast<unsigned long long>(sum.failed),
      static_cast<unsigned long long>(sum.steps),
      static_cast<unsigned long long>(sum.checks),
      static_cast<unsigned long long>(sum.deaths),
      static_cast<unsigned long long>(sum.traces), sum.virtual_seconds,
      sum.real_seconds, rate, speed);
    const char* comma = "";
    for (auto seed : sum.failed_seeds) {
      std::printf("%s%llu", comma, static_cast<unsigned long long>(seed));
      comma = ",";
    }
    std::printf("]}\n");
    return;
  }
  std::printf("steps: %llu (%.0f a second), checks: %llu, deaths: %llu\n",
              static_cast<unsigned long long>(sum.steps), rate,
              static_cast<unsigned long long>(sum.checks),
              static_cast<unsigned long long>(sum.deaths));
  std::printf("traces: %016llx\n", static_cast<unsigned long long>(sum.traces));
  std::printf("virtual time: %.1f h in %.1f s (%.0f x real time)\n",
              sum.virtual_seconds / 3600, sum.real_seconds, speed);
  std::printf("seeds: %llu failed: %llu\n",
              static_cast<unsigned long long>(sum.seeds),
              static_cast<unsigned long long>(sum.failed));
}

int run_many(const session_options& options) {
  auto start = stopwatch::now();
  auto limit = options.minutes * 60;
  bool terminal = ::isatty(STDERR_FILENO) == 1;
  totals sum;
  for (auto seed = options.first;; ++seed) {
    auto spent = seconds_since(start);
    if (limit > 0 ? spent >= limit : seed > options.last)
      break;
    if (terminal && sum.seeds % 16 == 0)
      show_progress(sum, limit > 0 ? limit - spent : 0);
    auto what = plan_of(seed, options.faults, options.steps);
    auto run = world{what, planted(options), 0}.run();
    sum.add(run);
    if (!run.broken && (!options.twice || repeats(options, what, run)))
      continue;
    ++sum.failed;
    sum.failed_seeds.push_back(seed);
    if (run.broken && !options.json && sum.failed <= 3)
      report_failure(options, what, run);
  }
  if (terminal)
    std::fprintf(stderr, "\r%60s\r", "");
  sum.real_seconds = seconds_since(start);
  show_totals(sum, options.json);
  return sum.failed == 0 ? 0 : 1;
}

} // namespace

bool read_range(const std::string& text, std::uint64_t& first,
                std::uint64_t& last) {
  unsigned long long from = 0;
  unsigned long long to = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%llu..%llu%c", &from, &to, &rest) != 2
      || from > to)
    return false;
  first = from;
  last = to;
  return true;
}

int run_session(const session_options& options) {
  if (!options.defect.empty() && !find_defect(options.defect)) {
    std::cerr << "provision-sim: unknown defect " << options.defect << "\n";
    return 2;
  }
  if (options.defects)
    return run_defects();
  if (options.crash_matrix)
    return run_crash_matrix();
  return options.only ? run_one(options) : run_many(options);
}

} // namespace provision::simulation
