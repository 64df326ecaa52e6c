#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "tests/journeys/workload_node.hpp"
#include "tests/support/redis_double.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace {

boost::test_tools::assertion_result
the_fixture_is_possible(boost::unit_test::test_unit_id) {
  // It takes networks away, too.
  const auto networks = probe_network().ability;
  return unless(networks.state == ability::level::missing
                  ? "needs networks: " + networks.reason
                  : "");
}

/// A node that is told by a file to send its log to a redis server.
struct debug_node : workload_node {
  debug_node() : workload_node{"debug", "300-1"} {
    configure("[capacity]\nsru = \"100GiB\"\n[volumes]\n"
              "technique = \"directory\"\n");
  }

  reservation a_debug() const {
    auto r = golden_reservation("volume");
    r.id = "300-1";
    r.type = reservation_types::debug;
    r.workload = workloads::debug{.host = "127.0.0.1", .port = redis.port()};
    return r;
  }

  redis_double redis = redis_double{};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(
  debug_journey_test, debug_node,
  *boost::unit_test::precondition(the_fixture_is_possible))

BOOST_AUTO_TEST_CASE(the_log_is_heard_again_after_every_start_until_told_off) {
  wish(a_debug());
  start();
  BOOST_REQUIRE_MESSAGE(
    eventually([&] { return redis.has(node_id + "-logs "); }), node.log());
  BOOST_CHECK_MESSAGE(
    eventually([&] { return redis.has("the log is forwarded"); }), node.log());
  kill();
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
  const auto before = redis.visits();
  start();
  // The record alone brings it back: nothing was asked for again.
  BOOST_CHECK_MESSAGE(eventually([&] { return redis.visits() > before; }),
                      node.log());
  BOOST_CHECK(eventually([&] { return redis.guests() == 1; }));
  auto over = a_debug();
  over.to_delete = true;
  kill();
  wish(over);
  start();
  BOOST_CHECK_MESSAGE(eventually([&] { return logs("decommissioned"); }),
                      node.log());
  BOOST_CHECK(eventually([&] { return redis.guests() == 0; }));
  kill();
  // What it had still asked for may be let in a moment later.
  auto visits = redis.visits();
  while (!stays([&] { return redis.visits() == visits; },
                std::chrono::milliseconds{500}))
    visits = redis.visits();
  start();
  node.signal(SIGTERM);
  const auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
  BOOST_CHECK_EQUAL(redis.visits(), visits);
}

BOOST_AUTO_TEST_SUITE_END()
