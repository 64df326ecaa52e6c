// The whole node in a simulated world: seeds in, broken promises out.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <iostream>
#include <string>
#include <thread>

#include "tests/simulation/session.hpp"

int main(int argc, char** argv) {
  using namespace provision::simulation;
  session_options options;
  CLI::App app{"provision-sim: the whole node under a deterministic scheduler, "
               "with a simulated disk, explorer and host"};
  std::string seeds;
  std::string faults = "all";
  app.add_option("--seed", options.only, "run one seed and show its trace");
  app.add_option("--seeds", seeds, "run these: A..B");
  app.add_option("--minutes", options.minutes, "run new seeds for so long");
  app.add_option("--faults", faults,
                 "kinds of faults, comma-separated, or all or none: power, "
                 "kill, eio, full, rot, flip, away, flaky, reconcile, conduct, "
                 "documents, clock, date");
  app.add_option("--steps", options.steps, "steps with trouble per run");
  app.add_option("--defect", options.defect, "plant a deliberate mistake");
  app.add_flag("--defects", options.defects,
               "plant each deliberate mistake; each must be caught");
  app.add_flag("--crash-matrix", options.crash_matrix,
               "cut the power at every change of the disk");
  app.add_flag("--twice", options.twice,
               "run each seed twice; the traces must be the same");
  options.jobs = std::max(std::thread::hardware_concurrency(), 1U);
  app
    .add_option("--jobs", options.jobs,
                "processes that run seeds at once; by default one per core")
    ->check(CLI::Range(1U, 256U));
  app.add_flag("--json", options.json, "the outcome as one JSON object");
  CLI11_PARSE(app, argc, argv);
  auto chosen = parse_faults(faults);
  if (!chosen) {
    std::cerr << "provision-sim: " << chosen.error().message << "\n";
    return 2;
  }
  options.faults = *chosen;
  if (!seeds.empty() && !read_range(seeds, options.first, options.last)) {
    std::cerr << "provision-sim: --seeds " << seeds << ": write A..B\n";
    return 2;
  }
  return run_session(options);
}
