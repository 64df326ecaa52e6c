#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "tests/journeys/machine_node.hpp"
#include "tests/journeys/workers.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace machine_journey_test {
namespace {

struct isolated_machine_node : machine_node {
  isolated_machine_node()
    : machine_node{isolating({"network_resource", "kubernetes"})} {}
};

} // namespace
} // namespace machine_journey_test

BOOST_FIXTURE_TEST_SUITE(machine_journey_test, machine_node,
                         *boost::unit_test::precondition(machines_are_possible))

BOOST_AUTO_TEST_CASE(a_machine_outlives_the_daemon_and_goes_without_trace) {
  BOOST_CHECK_EQUAL(traces(), "");
  wish(a_network());
  wish(a_machine());
  start();
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console() + node.log());
  BOOST_CHECK(console().find("GUEST disk_sectors=52428800\r")
              != std::string::npos);
  BOOST_CHECK(console().find(base64::encode(
                R"({"flannel-iface":"eth0","token":"open sesame",)"
                R"("server":"https://10.1.2.7:6443",)"
                R"("disable":["traefik"]})"
                "\n"))
              != std::string::npos);
  const auto before = processes().look("103-1").pid;
  BOOST_REQUIRE_GT(before, 0);
  kill();
  start();
  BOOST_CHECK_EQUAL(processes().look("103-1").pid, before);
  kill();
  // As if the host had been switched off.
  BOOST_REQUIRE(!processes().stop("103-1"));
  start();
  BOOST_CHECK_MESSAGE(says("GUEST is up, boot 2"), console() + node.log());
  kill();
  auto over = a_machine();
  over.to_delete = true;
  wish(over);
  start();
  const bool is_gone
    = eventually([&] { return traces().empty(); }, machine_patience);
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
  node.signal(SIGTERM);
  const auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
  BOOST_CHECK(node.log().find("sesame") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_machine_does_not_notice_that_its_maker_was_killed,
                        isolated_machine_node) {
  wish(a_network());
  wish(a_machine());
  start();
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console() + node.log());
  BOOST_REQUIRE(eventually(
    [&] { return logs("provisioned reservation=103-1"); }, machine_patience));
  const auto before = processes().look("103-1").pid;
  replace_worker(node, "kubernetes");
  BOOST_CHECK_EQUAL(processes().look("103-1").pid, before);
  submit_removal(a_machine());
  const bool is_gone
    = eventually([&] { return traces().empty(); }, machine_patience);
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
  BOOST_CHECK(!logs("sesame"));
}

BOOST_AUTO_TEST_SUITE_END()
