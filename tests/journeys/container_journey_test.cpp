#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <filesystem>

#include "tests/journeys/container_node.hpp"
#include "tests/journeys/workers.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace {

struct isolated_container_node : container_node {
  isolated_container_node()
    : container_node{isolating({"volume", "network_resource", "container"})} {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(
  container_journey_test, container_node,
  *boost::unit_test::precondition(containers_are_possible))

BOOST_AUTO_TEST_CASE(a_container_outlives_the_daemon_and_goes_without_trace) {
  BOOST_CHECK_EQUAL(all_traces(), "");
  wish(a_network());
  wish(a_volume());
  wish(a_container());
  start();
  const bool runs = eventually([&] { return !in_volume("address").empty(); },
                               container_patience);
  BOOST_REQUIRE_MESSAGE(runs, node.log());
  // At a third death with it in flight it would be taken for the cause.
  BOOST_REQUIRE(eventually(
    [&] { return logs("provisioned reservation=102-1"); }, container_patience));
  BOOST_CHECK(in_volume("env").find("FOO=BAR\n") != std::string::npos);
  BOOST_CHECK(in_volume("env").find("PASSWORD=open sesame\n")
              != std::string::npos);
  BOOST_CHECK(in_volume("address").find("inet 10.1.2.5/24")
              != std::string::npos);
  // What it wrote is there for those who give orders, by a beginning of its id.
  const auto said = run_program(PROVISIONCTL, {"--data-dir", node.data_dir(),
                                               "logs", "102", "--last", "1"});
  BOOST_CHECK_EQUAL(said.out, "ready for BAR\n");
  BOOST_CHECK_EQUAL(said.code, 0);
  const auto before = first_process();
  BOOST_REQUIRE_GT(before, 0);
  kill();
  start();
  BOOST_CHECK_EQUAL(first_process(), before);
  kill();
  // As if the machine had been switched off.
  for (const auto& one : std::filesystem::directory_iterator{"/proc"})
    if (shim::read_small(one.path().string() + "/cmdline")
          .find(node.data_dir() + "/containers")
        != std::string::npos)
      ::kill(std::stoi(one.path().filename().string()), SIGKILL);
  ::kill(before, SIGKILL);
  start();
  const bool restored = eventually(
    [&] {
      const auto now = first_process();
      return now > 0 && now != before;
    },
    container_patience);
  BOOST_CHECK_MESSAGE(restored, node.log());
  kill();
  auto over = a_container();
  over.to_delete = true;
  wish(over);
  start();
  const bool is_gone
    = eventually([&] { return all_traces().empty(); }, container_patience);
  BOOST_CHECK_MESSAGE(is_gone, all_traces() + node.log());
  node.signal(SIGTERM);
  const auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
  BOOST_CHECK(!logs("sesame"));
}

BOOST_AUTO_TEST_CASE(one_that_keeps_dying_is_taken_down) {
  wish(a_network());
  wish(a_volume());
  auto dying = a_container();
  std::get<workloads::container>(dying.workload).entrypoint
    = "/bin/sh -c 'exit 3'";
  wish(dying);
  start();
  const bool told = eventually([&] { return logs("a container is given up"); },
                               container_patience);
  BOOST_CHECK_MESSAGE(told, node.log());
  const bool is_gone
    = eventually([&] { return all_traces().empty(); }, container_patience);
  BOOST_CHECK_MESSAGE(is_gone, all_traces() + node.log());
}

BOOST_AUTO_TEST_CASE(a_file_list_is_refused_with_the_reason) {
  wish(a_network());
  auto listed = golden_reservation("container");
  auto& what = std::get<workloads::container>(listed.workload);
  what.network.public_ip6 = what.network.yggdrasil_ip = false;
  what.mounts.clear();
  what.secret_env = {};
  wish(listed);
  start();
  const bool refused
    = eventually([&] { return logs("is a file list"); }, container_patience);
  BOOST_CHECK_MESSAGE(refused, node.log());
  BOOST_CHECK_EQUAL(all_traces(), "");
}

BOOST_FIXTURE_TEST_CASE(
  killed_workers_lose_no_container_and_the_next_removes_it,
  isolated_container_node) {
  wish(a_network());
  wish(a_volume());
  wish(a_container());
  start();
  const bool made = eventually(
    [&] { return logs("provisioned reservation=102-1"); }, container_patience);
  BOOST_REQUIRE_MESSAGE(made, node.log());
  // Made by three processes, one of which asked the daemon for a password and
  // for the volume's owner.
  const bool runs = eventually([&] { return !in_volume("address").empty(); },
                               container_patience);
  BOOST_REQUIRE_MESSAGE(runs, node.log());
  BOOST_CHECK(in_volume("env").find("PASSWORD=open sesame\n")
              != std::string::npos);
  const auto before = first_process();
  for (const auto* type : {"volume", "network_resource", "container"})
    replace_worker(node, type);
  BOOST_CHECK_EQUAL(first_process(), before);
  // The daemon brings back what ends, as if it had started it.
  for (const auto& one : std::filesystem::directory_iterator{"/proc"})
    if (shim::read_small(one.path().string() + "/cmdline")
          .find(node.data_dir() + "/containers")
        != std::string::npos)
      ::kill(std::stoi(one.path().filename().string()), SIGKILL);
  ::kill(before, SIGKILL);
  const bool restored = eventually(
    [&] {
      const auto now = first_process();
      return now > 0 && now != before;
    },
    container_patience);
  BOOST_CHECK_MESSAGE(restored, node.log());
  submit_removal(a_container());
  const bool is_gone
    = eventually([&] { return all_traces().empty(); }, container_patience);
  BOOST_CHECK_MESSAGE(is_gone, all_traces() + node.log());
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait().value().code, 0);
  BOOST_CHECK(!logs("sesame"));
}

BOOST_AUTO_TEST_SUITE_END()
