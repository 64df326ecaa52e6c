#include "tests/simulation/defect_table.hpp"

#include <cstdio>

#include "tests/simulation/world.hpp"

namespace provision::simulation {

namespace {

constexpr std::uint64_t seeds_max = 300;

} // namespace

int run_defects() {
  unsigned escaped = 0;
  std::printf(
    "| defect | what is wrong | caught by | seed |\n|---|---|---|---|\n");
  for (auto& one : all_defects()) {
    std::uint64_t seed = 1;
    std::optional<violation> seen;
    for (; seed <= seeds_max && !seen; ++seed)
      seen = world{plan_of(seed, all_faults(), 0), one, 0}.run().broken;
    if (seen)
      std::printf("| %s | %s | %s | %llu |\n", one.name.c_str(),
                  one.text.c_str(), seen->promise.c_str(),
                  static_cast<unsigned long long>(seed - 1));
    else
      std::printf("| %s | %s | **escaped** | |\n", one.name.c_str(),
                  one.text.c_str());
    std::fflush(stdout);
    escaped += seen ? 0U : 1U;
  }
  std::printf("defects: %zu escaped: %u\n", all_defects().size(), escaped);
  return escaped == 0 ? 0 : 1;
}

} // namespace provision::simulation
