#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/journeys/processes.hpp"
#include "tests/journeys/workers.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace worker_test {
namespace {

/// A node whose volumes are made by a worker process.
struct divided_house {
  divided_house() {
    auto made = run({"identity", "new", "--data-dir", node.data_dir()});
    BOOST_REQUIRE_EQUAL(made.code, 0);
    explorer = std::make_unique<explorer_under_test>(
      made.out.substr(0, made.out.find('\n')));
  }

  void start(const std::string& more = {}) {
    auto conf = node.configure(explorer->url(), isolating({"volume"}) + more);
    node.start({"run", "--config", conf});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  std::string folder(std::int64_t id) const {
    return node.data_dir() + "/volumes/" + gwid(id);
  }

  /// A new volume that the user was told of.
  std::int64_t make_one() {
    auto id = explorer->create(explorer->volume());
    BOOST_REQUIRE_MESSAGE(eventually([&] { return answered(id); }), node.log());
    BOOST_CHECK(explorer->find(id).result.state == result_state::ok);
    BOOST_CHECK(std::filesystem::is_directory(folder(id)));
    return id;
  }

  bool answered(std::int64_t id) const {
    return explorer->find(id).result.workload_id == gwid(id);
  }

  std::string error_of(std::int64_t id) const {
    return explorer->find(id).result.message;
  }

  pid_t worker() const { return worker_of(node, "volume"); }
  pid_t hold_worker() const { return journeys::hold_worker(node, "volume"); }

  /// A volume that the held worker was asked for.
  std::int64_t ask_for_one() {
    auto id = explorer->create(explorer->volume());
    await_call(node, gwid(id));
    return id;
  }

  node_process node = {};
  std::unique_ptr<explorer_under_test> explorer = {};
};

/// Inodes of a process's sockets.
std::vector<std::string> sockets_of(pid_t pid) {
  std::vector<std::string> all;
  auto folder = "/proc/" + std::to_string(pid) + "/fd";
  for (auto& entry : std::filesystem::directory_iterator{folder}) {
    auto target = std::filesystem::read_symlink(entry.path()).string();
    if (target.starts_with("socket:["))
      all.push_back(target.substr(8, target.size() - 9));
  }
  return all;
}

/// The line of one socket in a table of /proc/net; empty if it is not there.
std::string line_of(const std::string& inode, const std::string& table) {
  std::ifstream file{"/proc/net/" + table};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    for (std::string word; words >> word;)
      if (word == inode)
        return line;
  }
  return {};
}

} // namespace
} // namespace worker_test

BOOST_FIXTURE_TEST_SUITE(worker_test, divided_house)

BOOST_AUTO_TEST_CASE(a_worker_process_makes_and_removes_volumes) {
  start();
  BOOST_CHECK_EQUAL(worker(), 0);
  auto id = make_one();
  BOOST_CHECK(worker() > 0);
  // The daemon has no zombie and nobody else.
  BOOST_CHECK_EQUAL(children_of(node.pid()).size(), 1u);
  explorer->cancel(id);
  BOOST_CHECK(eventually([&] { return !std::filesystem::exists(folder(id)); }));
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait(5s).value().code, 0);
}

BOOST_AUTO_TEST_CASE(nobody_but_its_daemon_can_reach_a_worker) {
  start();
  make_one();
  auto sockets = sockets_of(worker());
  BOOST_REQUIRE_EQUAL(sockets.size(), 1u);
  for (auto* table : {"tcp", "tcp6", "udp", "udp6"})
    BOOST_CHECK_EQUAL(line_of(sockets[0], table), "");
  std::istringstream words{line_of(sockets[0], "unix")};
  std::string number, users, protocol, flags, kind, state, inode, path;
  words >> number >> users >> protocol >> flags >> kind >> state >> inode
    >> path;
  // Connected, not listening, and without a path.
  BOOST_CHECK_EQUAL(state, "03");
  BOOST_CHECK_EQUAL(flags, "00000000");
  BOOST_CHECK_EQUAL(inode, sockets[0]);
  BOOST_CHECK_EQUAL(path, "");
}

BOOST_AUTO_TEST_CASE(a_worker_that_is_killed_at_work_fails_one_reservation) {
  for (auto [number, name] : {std::pair{SIGKILL, "signal 9 (Killed)"},
                              {SIGABRT, "signal 6 (Aborted)"}}) {
    if (node.pid() <= 0)
      start();
    auto before = make_one();
    auto first = hold_worker();
    auto victim = ask_for_one();
    auto next = explorer->create(explorer->volume());
    ::kill(first, number);
    ::kill(first, SIGCONT);
    BOOST_REQUIRE(eventually([&] { return answered(victim); }));
    says(error_of(victim),
         std::string{"worker for volume was killed by "} + name);
    BOOST_REQUIRE(eventually([&] { return answered(next); }));
    BOOST_CHECK_EQUAL(error_of(next), "");
    make_one();
    BOOST_CHECK(worker() != first);
    BOOST_CHECK(!look_at(first));
    BOOST_CHECK(std::filesystem::exists(folder(before)));
  }
}

BOOST_AUTO_TEST_CASE(a_worker_that_dies_between_calls_is_replaced) {
  start();
  make_one();
  auto first = worker();
  ::kill(first, SIGKILL);
  BOOST_CHECK(eventually([&] {
    auto now = worker();
    return now > 0 && now != first;
  }));
  make_one();
  BOOST_CHECK(!look_at(first));
  says(node.log(), "worker for volume was killed by signal 9");
}

BOOST_AUTO_TEST_CASE(a_worker_that_hangs_is_killed_at_the_deadline_and_reaped) {
  start("[deadlines]\nvolume_provision = \"300ms\"\n");
  make_one();
  auto first = hold_worker();
  auto victim = ask_for_one();
  BOOST_REQUIRE(eventually([&] { return answered(victim); }));
  says(error_of(victim), "did not answer within 300 ms");
  BOOST_CHECK(eventually([&] { return !look_at(first); }));
  make_one();
  BOOST_CHECK_EQUAL(children_of(node.pid()).size(), 1u);
}

BOOST_AUTO_TEST_CASE(no_worker_outlives_its_daemon) {
  for (bool at_work : {false, true}) {
    start();
    make_one();
    auto left = at_work ? hold_worker() : worker();
    if (at_work)
      ask_for_one();
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
    BOOST_CHECK(eventually([&] { return has_ended(left); }));
  }
}

BOOST_AUTO_TEST_CASE(stopping_waits_for_the_worker_and_takes_it_along) {
  start();
  make_one();
  auto left = worker();
  // As a service manager does: to the daemon and its workers alike.
  ::kill(left, SIGTERM);
  make_one();
  BOOST_CHECK_EQUAL(worker(), left);
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait(5s).value().code, 0);
  BOOST_CHECK(eventually([&] { return has_ended(left); }));
}

BOOST_AUTO_TEST_CASE(a_worker_without_a_daemon_says_how_it_is_used) {
  auto lonely = run({"worker", "--type", "volume"});
  BOOST_CHECK_EQUAL(lonely.code, 2);
  says(lonely.err, "provisioners.isolate");
  auto strange = run({"worker", "--type", "debug"});
  BOOST_CHECK_EQUAL(strange.code, 2);
  says(strange.err, "it hands on the daemon's own log");
  auto help = run({"worker", "--help"});
  BOOST_CHECK_EQUAL(help.code, 0);
  says(help.out, "[provisioners]");
}

BOOST_AUTO_TEST_SUITE_END()
