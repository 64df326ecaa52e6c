#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>

#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace killed_process_test {
namespace {

/// A number from the environment, or what a test run has time for.
std::uint64_t chosen(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// A node that is killed again and again while its user goes on asking.
struct stormy_town : process_town {
  stormy_town() : process_town{"[engine]\ndeaths_max = 1000\n"} {}

  void create(int count) {
    for (int i = 0; i < count; ++i)
      created.push_back(explorer->create(explorer->volume()));
  }

  /// Leaves a file in each volume that is new, as its user would.
  void use_volumes() {
    for (auto id : created)
      if (!cancelled.contains(id) && !used.contains(id) && runs(id)) {
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

  /// What the explorer was not told yet, one per line.
  std::string unsaid() const {
    auto all = explorer->accepted();
    std::set<std::string> heard{all.begin(), all.end()};
    std::string missing;
    for (auto id : created) {
      if (!heard.contains("result " + gwid(id)))
        missing += "result " + gwid(id) + "\n";
      if (cancelled.contains(id) && !heard.contains("deleted " + gwid(id)))
        missing += "deleted " + gwid(id) + "\n";
    }
    return missing;
  }

  std::uint64_t seed = chosen("JOURNEY_SEED", 20211122);
  int deaths = static_cast<int>(chosen("JOURNEY_KILLS", 60));
  std::mt19937_64 random{seed};
  std::vector<std::int64_t> created = {};
  std::set<std::int64_t> used = {};
  std::set<std::int64_t> cancelled = {};
};

/// What the node's journal says happened, per event, in order.
std::map<std::string, std::vector<std::string>>
events_of(reservation_store& store) {
  std::map<std::string, std::vector<std::string>> events;
  auto lines = store.journal(0, 1'000'000).value();
  for (auto& line : lines)
    events[line.event].push_back(line.id);
  return events;
}

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
    eventually([&] { return unsaid().empty(); });
    BOOST_REQUIRE_EQUAL(unsaid(), "");
    node.signal(SIGTERM);
    BOOST_REQUIRE_EQUAL(node.wait(5s).value().code, 0);
    BOOST_TEST_MESSAGE(created.size()
                       << " created, " << cancelled.size() << " cancelled");

    for (auto id : created) {
      // Signed once: every delivery had the same bytes.
      BOOST_CHECK_EQUAL(explorer->bodies(gwid(id)).size(), 1u);
      BOOST_CHECK_EQUAL(std::filesystem::exists(folder(id)),
                        !cancelled.contains(id));
    }
    for (auto id : used)
      BOOST_CHECK(std::filesystem::exists(folder(id) + "/file"));

    auto id = std::filesystem::path{node.data_dir() + "/store"};
    auto store
      = open_leveldb_store(id, explorer->node_id(), system_clock{}.now())
          .value();
    BOOST_CHECK(store->recovery().salvaged.empty());
    BOOST_CHECK_EQUAL(store->recovery().live_records,
                      created.size() - cancelled.size());
    auto events = events_of(*store);
    BOOST_CHECK_EQUAL(events["accepted"].size(), created.size());
    // One at a time, in the order of acceptance, none twice, none revived.
    BOOST_CHECK(events["provisioned"] == events["accepted"]);
    BOOST_CHECK(events["gone"] == events["removing"]);
    BOOST_CHECK_EQUAL(events["gone"].size(), cancelled.size());
  }
}

BOOST_AUTO_TEST_SUITE_END()
