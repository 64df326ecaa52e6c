#include "tests/simulation/session.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>

#include "tests/simulation/crash_matrix.hpp"
#include "tests/simulation/defect_table.hpp"
#include "tests/simulation/seed_runners.hpp"
#include "tests/simulation/session_totals.hpp"
#include "tests/simulation/shrink.hpp"
#include "tests/simulation/world.hpp"

namespace provision::simulation {

namespace {

using stopwatch = std::chrono::steady_clock;

double seconds_since(stopwatch::time_point start) {
  return std::chrono::duration<double>(stopwatch::now() - start).count();
}

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
  std::fflush(stdout);
  return false;
}

seed_result run_of(const session_options& options, std::uint64_t seed) {
  auto what = plan_of(seed, options.faults, options.steps);
  auto run = world{what, planted(options), 0}.run();
  seed_result result;
  result.seed = seed;
  result.steps = run.steps;
  result.checks = run.checks;
  result.deaths = run.deaths;
  result.trace_hash = run.trace_hash;
  result.virtual_time = run.virtual_time;
  if (run.broken)
    result.how = seed_result::verdict::broken;
  else if (options.twice && !repeats(options, what, run))
    result.how = seed_result::verdict::not_repeated;
  return result;
}

/// The whole run again in this process, and shorter ones.
void explain_broken(const session_options& options, std::uint64_t seed) {
  auto what = plan_of(seed, options.faults, options.steps);
  report_failure(options, what, world{what, planted(options), 0}.run());
}

void explain_dead(const seed_result& result) {
  auto seed = static_cast<unsigned long long>(result.seed);
  if (WIFSIGNALED(result.wait_status))
    std::printf("\nseed %llu ends the program by signal %d; ", seed,
                WTERMSIG(result.wait_status));
  else
    std::printf("\nseed %llu ends the program with status %d; ", seed,
                WEXITSTATUS(result.wait_status));
  std::printf("again, alone: provision-sim --seed %llu\n\n", seed);
}

void explain(const session_options& options, const seed_result& result) {
  if (result.how == seed_result::verdict::broken)
    explain_broken(options, result.seed);
  else if (result.how == seed_result::verdict::died)
    explain_dead(result);
  std::fflush(stdout);
}

/// Many seeds, in as many processes as asked for.
class many_seeds {
public:
  explicit many_seeds(const session_options& options)
    : options_(options), terminal_(::isatty(STDERR_FILENO) == 1),
      next_(options.first) {}

  int run() {
    bool clean = run_seeds(
      options_.jobs, {[this] { return next(); },
                      [this](auto seed) { return run_of(options_, seed); },
                      [this](auto& result) { take(result); }});
    if (terminal_)
      std::fprintf(stderr, "\r%60s\r", "");
    if (!clean)
      std::cerr << "provision-sim: a process that ran seeds ended badly\n";
    sum_.real_seconds = seconds_since(start_);
    show_totals(sum_, options_.json);
    return clean && sum_.failed == 0 ? 0 : 1;
  }

private:
  std::optional<std::uint64_t> next() {
    bool more = options_.minutes > 0 ? left() > 0 : next_ <= options_.last;
    return more ? std::optional{next_++} : std::nullopt;
  }

  double left() const { return options_.minutes * 60 - seconds_since(start_); }

  void take(const seed_result& result) {
    sum_.add(result);
    if (result.how != seed_result::verdict::held && !options_.json
        && sum_.failed <= 3)
      explain(options_, result);
    if (terminal_ && sum_.seeds % 16 == 0)
      show_progress(sum_, options_.minutes > 0 ? left() : 0);
  }

  const session_options& options_;
  stopwatch::time_point start_ = stopwatch::now();
  bool terminal_;
  std::uint64_t next_;
  session_totals sum_ = {};
};

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
  return options.only ? run_one(options) : many_seeds{options}.run();
}

} // namespace provision::simulation
