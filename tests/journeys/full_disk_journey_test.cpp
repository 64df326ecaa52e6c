#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <sstream>

#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/journeys/small_disk.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace full_disk_journey_test {
namespace {

constexpr std::uint64_t mebibyte = 1U << 20U;

boost::test_tools::assertion_result
root_is_there(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result{::geteuid() == 0};
  result.message() << "needs root for a mount and a loop device";
  if (!result)
    std::cout << "SKIP: needs root for a mount and a loop device\n";
  return result;
}

/// A node whose data folder is a disk of 160 MiB that is nearly full.
struct crowded_house {
  crowded_house() {
    BOOST_REQUIRE_EQUAL(
      run({"identity", "new", "--data-dir", node.data_dir()}).code, 0);
    std::istringstream words{
      run({"identity", "show", "--data-dir", node.data_dir()}).out};
    std::string id;
    while (words >> id && (id.size() < 43 || id.size() > 44)) {
    }
    explorer = std::make_unique<explorer_under_test>(id);
    conf = node.configure(explorer->url());
  }
  ~crowded_house() {
    // The disk can go only when nobody uses it.
    node.signal(SIGKILL);
    node.wait();
  }

  void start() {
    node.start({"run", "--config", conf});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  /// A reservation that takes some room in the store.
  void create() {
    auto w = explorer->volume();
    w.metadata = std::string(1'000, 'm');
    created.push_back(explorer->create(w));
  }

  std::string ctl(std::vector<std::string> words) const {
    words.insert(words.begin(), {"--data-dir", node.data_dir()});
    return run_program(PROVISIONCTL, words).out;
  }
  bool status_says(const std::string& text) const {
    return ctl({"--json", "status"}).find(text) != std::string::npos;
  }

  bool runs(std::int64_t id) const {
    const auto result = explorer->find(id).result;
    return result.state == result_state::ok && result.workload_id == gwid(id)
           && std::filesystem::is_directory(node.data_dir() + "/volumes/"
                                            + gwid(id));
  }
  std::size_t running() const {
    std::size_t count = 0;
    for (auto id : created)
      count += runs(id) ? 1 : 0;
    return count;
  }

  bool is_full() const { return status_says("\"code\":\"disk_full\""); }

  /// Creates until the disk is full and stays so. (Tables that LevelDB merges
  /// when it is full may make room once more; the node then goes on.)
  void fill_the_disk() {
    disk.leave(3 * mebibyte);
    bool lasts = false;
    while (!lasts && created.size() < 2000) {
      for (int n = 0; n < 20; ++n)
        create();
      BOOST_REQUIRE_MESSAGE(
        eventually([&] { return is_full() || running() == created.size(); },
                   60s),
        "neither done nor paused: " + node.log());
      lasts = is_full() && stays([&] { return is_full(); }, 2s)
              && running() < created.size();
    }
    BOOST_REQUIRE_MESSAGE(lasts, "never full for long: " + node.log());
    BOOST_REQUIRE_GT(running(), 0U);
  }

  void check_that_all_run() {
    BOOST_CHECK(eventually([&] { return running() == created.size(); }, 60s));
    BOOST_CHECK_EQUAL(running(), created.size());
    for (auto id : created)
      BOOST_CHECK_EQUAL(explorer->bodies(gwid(id)).size(), 1U);
  }

  node_process node = {};
  small_disk disk{node.data_dir(), 160};
  std::unique_ptr<explorer_under_test> explorer = {};
  std::string conf = {};
  std::vector<std::int64_t> created = {};
};

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos;
       at = text.find(part, at + 1))
    ++found;
  return found;
}

} // namespace
} // namespace full_disk_journey_test

BOOST_AUTO_TEST_SUITE(full_disk_journey_test,
                      *boost::unit_test::precondition(root_is_there))

BOOST_FIXTURE_TEST_CASE(a_full_disk_pauses_the_node_until_there_is_room,
                        crowded_house) {
  start();
  fill_the_disk();
  BOOST_CHECK(status_says("\"health\":\"paused\""));
  BOOST_CHECK(status_says("store " + node.data_dir() + "/store"));
  BOOST_CHECK(status_says("make room"));
  // It stays so, does not say it at every try, and goes on telling what it
  // knows.
  const auto pauses = count(node.log(), "intake pauses");
  BOOST_CHECK_GE(pauses, 1U);
  BOOST_CHECK(stays([&] { return status_says("\"health\":\"paused\""); }, 3s));
  BOOST_CHECK_EQUAL(count(node.log(), "intake pauses"), pauses);
  BOOST_CHECK_NE(node.log().find("make room"), std::string::npos);
  BOOST_CHECK_NE(ctl({"show", gwid(created.front())}).find("provisioned"),
                 std::string::npos);

  disk.make_room();
  check_that_all_run();
  BOOST_CHECK(eventually([&] { return status_says("\"health\":\"ok\""); }));
  BOOST_CHECK_EQUAL(count(node.log(), "intake goes on"),
                    count(node.log(), "intake pauses"));
}

BOOST_FIXTURE_TEST_CASE(a_node_that_dies_on_a_full_disk_loses_nothing,
                        crowded_house) {
  start();
  fill_the_disk();
  node.signal(SIGKILL);
  BOOST_REQUIRE_EQUAL(node.wait().value().code, -SIGKILL);
  disk.leave(0);
  node.start({"run", "--config", conf});
  const auto refused = node.wait();
  BOOST_REQUIRE_MESSAGE(refused, "starts on a full disk");
  BOOST_CHECK_NE(refused->code, 0);
  BOOST_CHECK_NE(refused->err.find(node.data_dir()), std::string::npos);
  BOOST_CHECK_NE(refused->err.find("make room"), std::string::npos);

  disk.make_room();
  start();
  check_that_all_run();
}

BOOST_AUTO_TEST_SUITE_END()
