// A real daemon and a real datagram socket as its service manager.
#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <stdlib.h>

#include <filesystem>

#include "tests/journeys/node_process.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace service_manager_journey_test {
namespace {

struct household {
  household() { ::unsetenv("WATCHDOG_PID"); }
  ~household() { ::unsetenv("WATCHDOG_USEC"); }

  void start(const std::string& more = {}) {
    node.start({"run", "--config", node.configure("http://127.0.0.1:1", more)});
    BOOST_REQUIRE_MESSAGE(node.hears("READY=1"), node.log());
  }

  bool logs(const std::string& text) {
    bool found
      = eventually([&] { return node.log().find(text) != std::string::npos; });
    BOOST_CHECK_MESSAGE(found, "'" + text + "' is missing in: " + node.log());
    return found;
  }

  void stops() {
    node.signal(SIGTERM);
    BOOST_CHECK_EQUAL(node.wait(5s).value().code, 0);
  }

  node_process node = {};
};

} // namespace
} // namespace service_manager_journey_test

BOOST_FIXTURE_TEST_SUITE(service_manager_journey_test, household)

BOOST_AUTO_TEST_CASE(tells_how_the_start_goes_on_and_then_what_it_does) {
  start();
  BOOST_CHECK(node.hears("STATUS=opening the store"));
  BOOST_CHECK(node.hears("EXTEND_TIMEOUT_USEC="));
  BOOST_CHECK(node.hears("STATUS=counting 0 records"));
  stops();
}

BOOST_AUTO_TEST_CASE(is_not_ready_before_its_doors_are_open) {
  auto in_the_way = node.data_dir() + "/api.sock";
  std::filesystem::create_directories(in_the_way);
  node.start({"run", "--config", node.configure("http://127.0.0.1:1")});
  BOOST_CHECK(!node.hears("READY=1"));
  BOOST_CHECK_EQUAL(node.wait(5s).value().code, 1);
  logs("cannot start: ");
}

BOOST_AUTO_TEST_CASE(feeds_the_watchdog_again_and_again) {
  ::setenv("WATCHDOG_USEC", "600000", 1);
  start();
  BOOST_CHECK(node.hears("STATUS=running, 0 queued"));
  BOOST_CHECK(node.hears("WATCHDOG=1\nWATCHDOG=1\nWATCHDOG=1\n"));
  stops();
}

BOOST_AUTO_TEST_CASE(leaves_a_watchdog_alone_that_waits_for_another) {
  ::setenv("WATCHDOG_USEC", "600000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  start();
  node.signal(SIGTERM);
  BOOST_CHECK(node.hears("STOPPING=1"));
  BOOST_CHECK(!node.hears("WATCHDOG=1", 1ms));
  BOOST_CHECK_EQUAL(node.wait(5s).value().code, 0);
  ::unsetenv("WATCHDOG_PID");
}

BOOST_AUTO_TEST_CASE(reads_its_configuration_again_when_it_is_told_to) {
  start("[log]\nlevel = \"info\"\n");
  node.configure("http://127.0.0.1:1", "[log]\nlevel = \"warning\"\n"
                                       "[engine]\nqueue_max = 77\n");
  node.signal(SIGHUP);
  BOOST_CHECK(node.hears("RELOADING=1\nMONOTONIC_USEC="));
  BOOST_CHECK(node.hears("READY=1\nSTATUS=the configuration was read again"));
  // The new level holds at once: the line that says so is not written.
  BOOST_CHECK(node.log().find("was read again") == std::string::npos);
  node.configure("http://127.0.0.1:1", "[log]\nformat = \"json\"\n"
                                       "[engine]\nqueue_max = 77\n");
  node.signal(SIGHUP);
  logs("\"changed\":\"log.level, log.format\"");
  logs("\"at_next_start\":\"engine.queue_max\"");
  stops();
}

BOOST_AUTO_TEST_CASE(a_configuration_that_is_not_sound_changes_nothing) {
  start();
  node.write("node.conf", "[engine]\nqueue_max = \"many\"\n");
  node.signal(SIGHUP);
  BOOST_CHECK(node.hears("STATUS=the configuration stays as it is"));
  logs("the configuration stays as it is: ");
  logs("queue_max");
  stops();
}

BOOST_AUTO_TEST_SUITE_END()
