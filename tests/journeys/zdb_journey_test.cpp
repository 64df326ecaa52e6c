#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "tests/journeys/workers.hpp"
#include "tests/journeys/zdb_node.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace {

struct isolated_zdb_node : zdb_node {
  isolated_zdb_node() : zdb_node{isolating({"zdb"})} {}
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(
  zdb_journey_test, zdb_node,
  *boost::unit_test::precondition(namespaces_are_possible))

BOOST_AUTO_TEST_CASE(a_namespace_outlives_the_daemon_and_goes_without_trace) {
  BOOST_CHECK_EQUAL(traces(), "");
  wish(a_namespace());
  start();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return logs("provisioned"); }),
                        node.log());
  BOOST_REQUIRE_MESSAGE(is_served(), node.log());
  BOOST_CHECK(told().find("data_limits_bytes: 1073741824\n")
              != std::string::npos);
  BOOST_CHECK(std::filesystem::exists(pool()));
  zdb_client user{zdb_port};
  BOOST_CHECK_EQUAL(user.says({"SELECT", "101-1", "open sesame"}), "OK");
  BOOST_CHECK_EQUAL(user.says({"SET", "key", "value"}), "key");
  const auto before = server();
  BOOST_REQUIRE_GT(before, 0);
  kill();
  // Nobody watches it, and it serves on.
  BOOST_CHECK_EQUAL(user.says({"GET", "key"}), "value");
  start();
  BOOST_CHECK_EQUAL(server(), before);
  kill();
  // As if the host had been switched off.
  BOOST_REQUIRE(!processes().stop("user"));
  start();
  BOOST_CHECK_MESSAGE(eventually([&] { return is_served(); }), node.log());
  BOOST_CHECK_MESSAGE(eventually([&] { return logs("0-db server restored"); }),
                      node.log());
  zdb_client again{zdb_port};
  BOOST_CHECK_EQUAL(again.says({"SELECT", "101-1", "open sesame"}), "OK");
  BOOST_CHECK_EQUAL(again.says({"GET", "key"}), "value");
  kill();
  auto over = a_namespace();
  over.to_delete = true;
  wish(over);
  start();
  const bool is_gone = eventually(
    [&] { return traces().empty() && !std::filesystem::exists(pool()); });
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
  node.signal(SIGTERM);
  const auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
  BOOST_CHECK(node.log().find("sesame") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_that_nobody_serves_any_more_goes_once_somebody_does) {
  wish(a_namespace());
  start();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return is_served(); }), node.log());
  // On disk: what it only says in its log, a kill may still take back.
  const auto made
    = run_program(PROVISIONCTL, {"--data-dir", node.data_dir(), "wait", "101-1",
                                 "--for=provisioned", "--timeout", "20s"});
  BOOST_REQUIRE_MESSAGE(made.code == 0, made.err);
  kill();
  serve_none();
  auto over = a_namespace();
  over.to_delete = true;
  wish(over);
  start();
  // It is said what hinders, and nothing is called gone that is not.
  BOOST_CHECK_MESSAGE(eventually([&] {
                        return logs("this node does not offer zdb, so it "
                                    "cannot take it down: zdb.listen is not "
                                    "set");
                      }),
                      node.log());
  BOOST_CHECK(!logs("decommissioned"));
  BOOST_CHECK(is_served());
  const auto shown = run_program(
    PROVISIONCTL, {"--data-dir", node.data_dir(), "explain", "101-1"});
  BOOST_TEST_INFO(shown.out);
  BOOST_CHECK(shown.out.find("cannot take it down") != std::string::npos);
  kill();
  // The order is remembered: nobody has to give it again.
  serve_namespaces();
  start();
  const bool is_gone = eventually(
    [&] { return traces().empty() && !std::filesystem::exists(pool()); });
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
}

BOOST_FIXTURE_TEST_CASE(a_killed_worker_fails_one_namespace_and_loses_none,
                        isolated_zdb_node) {
  wish(a_namespace());
  start();
  BOOST_REQUIRE_MESSAGE(eventually([&] { return logs("provisioned"); }),
                        node.log());
  // The worker has no key: its daemon has opened the password.
  BOOST_REQUIRE_MESSAGE(is_served(), node.log());
  const auto before = server();
  auto other = golden_reservation("volume");
  other.id = "12-1";
  kill_at_work(node, "zdb", "111-1", [&] {
    submit(a_namespace("111-1"));
    submit(other);
  });
  BOOST_CHECK_MESSAGE(
    eventually([&] { return logs("provisioned reservation=12-1"); }),
    node.log());
  says(node.log(), "worker for zdb was killed by signal 9 (Killed)");
  BOOST_CHECK_EQUAL(server(), before);
  BOOST_CHECK(is_served());
  // The daemon looks after what its workers have started.
  ::kill(before, SIGKILL);
  BOOST_CHECK_MESSAGE(
    eventually([&] { return server() != before && is_served(); }), node.log());
  submit_removal(a_namespace());
  const bool is_gone = eventually(
    [&] { return traces().empty() && !std::filesystem::exists(pool()); });
  BOOST_CHECK_MESSAGE(is_gone, traces() + node.log());
  BOOST_CHECK(worker_of(node, "zdb") > 0);
  BOOST_CHECK(!logs("sesame"));
}

BOOST_AUTO_TEST_SUITE_END()
