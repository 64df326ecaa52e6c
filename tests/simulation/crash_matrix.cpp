#include "tests/simulation/crash_matrix.hpp"

#include <cstdio>
#include <iostream>

#include "tests/simulation/world.hpp"

namespace provision::simulation {

namespace {

/// Provisions, failures, deletions, expiries and refusals, without any fault
/// but the one that is planted.
plan rich_plan() {
  plan what;
  what.seed = 20'260;
  what.reservations = 12;
  what.steps = 1;
  what.bad_conduct = true;
  what.bad_documents = true;
  return what;
}

outcome run_with(std::optional<crash_point> where, std::size_t lines) {
  static const defect none;
  world w{rich_plan(), none, lines};
  if (where)
    w.crash_at(*where);
  return w.run();
}

} // namespace

int run_crash_matrix() {
  auto whole = run_with(std::nullopt, 100);
  std::uint64_t points = 0;
  std::uint64_t failed = whole.broken ? 1 : 0;
  for (auto kept : {survival::none, survival::all, survival::torn})
    for (std::uint64_t change = 1; change <= whole.disk_changes; ++change) {
      auto run = run_with(crash_point{change, kept}, 0);
      ++points;
      if (!run.broken && run.crashed_at_point)
        continue;
      if (++failed > 3)
        continue;
      run = run_with(crash_point{change, kept}, 200);
      for (auto& line : run.trace)
        std::cout << line << "\n";
      std::printf("change %llu, survives: %s: %s\n",
                  static_cast<unsigned long long>(change),
                  std::string{to_string(kept)}.c_str(),
                  run.broken
                    ? (run.broken->promise + " " + run.broken->text).c_str()
                    : "the crash did not happen");
    }
  std::printf("disk changes: %llu\ncrash points: %llu failed: %llu\n",
              static_cast<unsigned long long>(whole.disk_changes),
              static_cast<unsigned long long>(points),
              static_cast<unsigned long long>(failed));
  return failed == 0 ? 0 : 1;
}

} // namespace provision::simulation
