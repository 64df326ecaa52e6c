#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "actors/workers/worker_provisioner.hpp"
#include "backends/host/spawned_worker.hpp"
#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_in_process.hpp"
#include "tests/journeys/processes.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/unless.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace crashing_worker_test {
namespace {

/// A node with zdb in its own process and volumes in a worker that dies on
/// demand.
struct fragile_house {
  fragile_house() {
    node.types = {"zdb"};
    node.settings.restarts_max = 100;
    node.settings.probe_delay = 10ms;
    node.settings.probe_delay_max = 50ms;
    node.settings.retry_delay = 10ms;
    node.settings.retry_delay_max = 50ms;
    node.settings.deadlines["volume"].provision = 2500ms;
    node.before_start = [this](engine_options& options) {
      options.workers[reservation_types::volume].launch = [this] {
        return spawn_worker(
          {.program = program.load(), .arguments = {"crashing_worker"}})();
      };
    };
  }

  result_state state_of(std::int64_t id) const {
    return explorer.find(id).result.state;
  }

  bool answered(std::int64_t id) const {
    return explorer.find(id).result.workload_id == gwid(id);
  }

  /// What the user was told of a volume of this size; empty if it was made.
  std::string outcome_of(std::int64_t gib) {
    auto id = explorer.create(explorer.volume(gib));
    BOOST_REQUIRE(eventually([&] { return answered(id); }));
    return explorer.find(id).result.message;
  }

  type_status status_of(const reservation_type& type) const {
    for (auto& one : node.engine->status().types)
      if (one.type == type)
        return one;
    return {};
  }

  explorer_under_test explorer{key_of_the_node().node_id()};
  node_in_process node{explorer.url()};
  std::atomic<const char*> program = CRASHING_WORKER;
};

/// A control group with little memory; removed with its owner.
class scarce_memory {
public:
  explicit scarce_memory(pid_t member) {
    const bool is_old = std::filesystem::exists(old_root + "/tasks");
    folder_ = (is_old ? old_root : "/sys/fs/cgroup")
              + std::string{"/provision-scarce-"} + std::to_string(::getpid());
    std::filesystem::create_directory(folder_);
    write(is_old ? "memory.limit_in_bytes" : "memory.max",
          std::to_string(64U << 20U));
    write("cgroup.procs", std::to_string(member));
  }
  ~scarce_memory() {
    BOOST_CHECK(eventually([this] { return ::rmdir(folder_.c_str()) == 0; }));
  }

  static boost::test_tools::assertion_result
  is_possible(boost::unit_test::test_unit_id) {
    std::ifstream file{"/sys/fs/cgroup/cgroup.subtree_control"};
    const std::string words{std::istreambuf_iterator<char>{file}, {}};
    const bool can = ::getuid() == 0
                     && (std::filesystem::exists(old_root + "/tasks")
                         || words.find("memory") != std::string::npos);
    return unless(can ? "" : "needs root and control groups for memory");
  }

private:
  static inline const std::string old_root = "/sys/fs/cgroup/memory";

  void write(const std::string& name, const std::string& text) const {
    std::ofstream file{folder_ + '/' + name};
    file << text << std::flush;
    BOOST_REQUIRE_MESSAGE(file, folder_ + '/' + name);
  }

  std::string folder_;
};

} // namespace
} // namespace crashing_worker_test

BOOST_FIXTURE_TEST_SUITE(crashing_worker_test, fragile_house)

BOOST_AUTO_TEST_CASE(each_way_to_die_fails_its_own_reservation_alone) {
  const std::vector<std::pair<std::int64_t, std::string>> ways{
    {2, "worker for volume was killed by signal 11 (Segmentation fault)"},
    {3, "worker for volume was killed by signal 6 (Aborted)"},
    {4, "worker for volume ended with code 3"},
    {5, "volume provisioner did not answer within 2500 ms"},
    {6, "worker for volume sent something else than an answer"},
  };
  node.start();
  for (auto& [size, message] : ways) {
    BOOST_TEST_CONTEXT(message) {
      auto before = explorer.create(explorer.volume(1));
      auto victim = explorer.create(explorer.volume(size));
      auto after = explorer.create(explorer.volume(1));
      auto other = explorer.create(explorer.golden("zdb"));
      for (auto id : {before, victim, after, other})
        BOOST_REQUIRE(eventually([&] { return answered(id); }));
      BOOST_CHECK_EQUAL(explorer.find(victim).result.message, message);
      for (auto id : {before, after, other})
        BOOST_CHECK(state_of(id) == result_state::ok);
      // Nobody is left behind, running or not.
      BOOST_CHECK(
        eventually([] { return children_of(::getpid()).size() == 1; }));
    }
  }
  auto volumes = status_of(reservation_types::volume);
  BOOST_CHECK(volumes.health == type_health::serving);
  BOOST_CHECK_EQUAL(volumes.deaths, 4u);
  BOOST_CHECK_EQUAL(volumes.deadlines_missed, 1u);
  auto zdb = status_of(reservation_types::zdb);
  BOOST_CHECK(zdb.health == type_health::serving);
  BOOST_CHECK_EQUAL(zdb.deaths + zdb.restarts + zdb.probes, 0u);
}

BOOST_AUTO_TEST_CASE(
  a_worker_that_takes_all_memory_is_killed_alone,
  *boost::unit_test::precondition(scarce_memory::is_possible)) {
  node.start();
  BOOST_CHECK_EQUAL(outcome_of(1), "");
  const auto workers = children_of(::getpid());
  BOOST_REQUIRE_EQUAL(workers.size(), 1u);
  {
    const scarce_memory scarce{workers[0].pid};
    BOOST_CHECK_EQUAL(outcome_of(10),
                      "worker for volume was killed by signal 9 (Killed)");
  }
  BOOST_CHECK_EQUAL(outcome_of(1), "");
  BOOST_CHECK_EQUAL(status_of(reservation_types::volume).deaths, 1u);
}

BOOST_AUTO_TEST_CASE(errors_of_a_worker_arrive_as_they_are) {
  node.start();
  BOOST_CHECK_EQUAL(outcome_of(7), "thrown in the worker");
  BOOST_CHECK_EQUAL(outcome_of(8), "refused in the worker");
  BOOST_CHECK_EQUAL(outcome_of(9).substr(0, 37),
                    "result is too large: message of 20971");
  BOOST_CHECK_EQUAL(status_of(reservation_types::volume).deaths, 0u);
}

BOOST_AUTO_TEST_CASE(a_worker_that_is_never_ready_blames_no_reservation) {
  for (auto [path, reason] :
       {std::pair{"/bin/false",
                  "worker for volume ended with code 1 before it was ready"},
        {"/none", "worker for volume cannot be started: start /none: No such "
                  "file or directory"}}) {
    BOOST_TEST_CONTEXT(path) {
      program = path;
      node.start();
      auto id = explorer.create(explorer.volume(1));
      const bool is_told = eventually([&] {
        auto now = status_of(reservation_types::volume);
        return now.health != type_health::serving
               && now.reason.message == reason;
      });
      BOOST_CHECK_MESSAGE(is_told,
                          status_of(reservation_types::volume).reason.message);
      BOOST_CHECK(!answered(id));
      program = CRASHING_WORKER;
      BOOST_REQUIRE(eventually([&] { return answered(id); }));
      BOOST_CHECK(state_of(id) == result_state::ok);
      node.stop();
      node.end();
      BOOST_CHECK(eventually([] { return children_of(::getpid()).empty(); }));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
