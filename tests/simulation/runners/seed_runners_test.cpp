// Many seeds at once: nothing is run twice, left out, or told out of order.
#include "tests/simulation/seed_runners.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <vector>

using namespace provision::simulation;

namespace seed_runners_test {

namespace {

struct ten_seeds {
  std::uint64_t upcoming = 1;
  std::uint64_t last = 10;
  std::vector<seed_result> taken = {};

  bool run(unsigned jobs, std::function<seed_result(std::uint64_t)> body) {
    return run_seeds(
      jobs, {[this] {
               return upcoming <= last ? std::optional{upcoming++}
                                       : std::nullopt;
             },
             std::move(body), [this](auto& one) { taken.push_back(one); }});
  }

  std::vector<std::uint64_t> seeds() const {
    std::vector<std::uint64_t> result;
    for (auto& one : taken)
      result.push_back(one.seed);
    return result;
  }
};

const std::vector<std::uint64_t> in_order{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

seed_result held(std::uint64_t seed) {
  seed_result result;
  result.seed = seed;
  result.steps = seed * 7;
  return result;
}

/// Takes longer, the earlier it is: results come in another order.
seed_result slow_first(std::uint64_t seed) {
  volatile std::uint64_t rounds = (11 - seed) * 100'000;
  while (rounds > 0)
    rounds = rounds - 1;
  return held(seed);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(seed_runners_test, ten_seeds)

BOOST_AUTO_TEST_CASE(one_process_runs_all_seeds) {
  BOOST_TEST(run(1, held));
  BOOST_TEST(seeds() == in_order);
  BOOST_TEST(taken.back().steps == 70U);
}

BOOST_AUTO_TEST_CASE(results_come_in_the_order_of_the_seeds) {
  BOOST_TEST(run(4, slow_first));
  BOOST_TEST(seeds() == in_order);
}

BOOST_AUTO_TEST_CASE(more_processes_than_seeds_do_no_harm) {
  BOOST_TEST(run(32, held));
  BOOST_TEST(seeds() == in_order);
}

BOOST_AUTO_TEST_CASE(without_seeds_there_is_nothing_to_do) {
  last = 0;
  BOOST_TEST(run(2, held));
  BOOST_TEST(taken.empty());
}

BOOST_AUTO_TEST_CASE(a_seed_that_kills_its_process_is_named_and_others_go_on) {
  BOOST_TEST(run(2, [](std::uint64_t seed) {
    if (seed == 4)
      ::kill(::getpid(), SIGKILL);
    return held(seed);
  }));
  BOOST_TEST(seeds() == in_order);
  BOOST_TEST((taken[3].how == seed_result::verdict::died));
  BOOST_TEST(WTERMSIG(taken[3].wait_status) == SIGKILL);
  BOOST_TEST((taken[4].how == seed_result::verdict::held));
}

BOOST_AUTO_TEST_CASE(each_seed_may_end_its_process) {
  BOOST_TEST(run(3, [](std::uint64_t seed) -> seed_result {
    ::_exit(static_cast<int>(seed));
  }));
  BOOST_TEST(seeds() == in_order);
  BOOST_TEST(WEXITSTATUS(taken[6].wait_status) == 7);
}

BOOST_AUTO_TEST_CASE(a_process_that_ends_badly_after_its_work_is_noticed) {
  BOOST_TEST(!run(1, [](std::uint64_t seed) {
    std::atexit([] { ::_exit(23); });
    return held(seed);
  }));
  BOOST_TEST(seeds() == in_order);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace seed_runners_test
