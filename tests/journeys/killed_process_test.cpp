#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "tests/journeys/order_book.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace killed_process_test {
namespace {

/// A node that is killed again and again while its user goes on asking.
struct stormy_town : process_town, order_book {
  stormy_town() : process_town{"[engine]\ndeaths_max = 1000\n"} {}

  void create(int count) {
    for (int i = 0; i < count; ++i)
      created.push_back(explorer->create(explorer->volume()));
  }

  /// Leaves a file in each volume that is new, as its user would.
  void use_volumes() {
    for (auto id : created)
      if (is_live(id) && !used.contains(id) && runs(id)) {
        std::ofstream{folder(id) + "/file"} << gwid(id);
        used.insert(id);
      }
  }

  void cancel_one() {
    if (used.empty())
      return;
    auto place = random() % used.size();
    auto chosen = *std::next(used.begin(), static_cast<std::ptrdiff_t>(place));
    used.erase(chosen);
    cancelled.insert(chosen);
    explorer->cancel(chosen);
  }

  std::uint64_t seed = chosen("JOURNEY_SEED", 20211122);
  int deaths = static_cast<int>(chosen("JOURNEY_KILLS", 60));
  std::mt19937_64 random{seed};
  std::set<std::int64_t> used = {};
};

} // namespace
} // namespace killed_process_test

BOOST_FIXTURE_TEST_SUITE(killed_process_test, stormy_town)

BOOST_AUTO_TEST_CASE(kills_at_any_moment_lose_repeat_and_revive_nothing) {
  BOOST_TEST_CONTEXT("JOURNEY_SEED=" << seed) {
    int ready = 0;
    for (int death = 0; death < deaths; ++death) {
      create(2);
      node.start({"run", "--config", conf});
      // Every third time before it is ready, else at any moment after.
      if (death % 3 != 0)
        ready += node.hears("READY=1") ? 1 : 0;
      create(1 + static_cast<int>(random() % 3));
      if (death % 2 == 0)
        cancel_one();
      stays([] { return true; }, std::chrono::milliseconds{random() % 60});
      node.signal(SIGKILL);
      const auto end = node.wait().value();
      BOOST_TEST_INFO(end.err);
      BOOST_REQUIRE_EQUAL(end.code, -SIGKILL);
      use_volumes();
    }
    BOOST_CHECK_EQUAL(ready, deaths - (deaths + 2) / 3);

    node.start({"run", "--config", conf});
    BOOST_REQUIRE(node.hears("READY=1"));
    eventually([&] { return unsaid(*explorer).empty(); });
    BOOST_REQUIRE_EQUAL(unsaid(*explorer), "");
    node.signal(SIGTERM);
    BOOST_REQUIRE_EQUAL(node.wait(5s).value().code, 0);
    BOOST_TEST_MESSAGE(created.size()
                       << " created, " << cancelled.size() << " cancelled");

    check_results(*explorer);
    for (auto id : created)
      BOOST_CHECK_EQUAL(std::filesystem::exists(folder(id)), is_live(id));
    for (auto id : used)
      BOOST_CHECK(std::filesystem::exists(folder(id) + "/file"));
    check_store(node.data_dir() + "/store", explorer->node_id());
  }
}

BOOST_AUTO_TEST_SUITE_END()
