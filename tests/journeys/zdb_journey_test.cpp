#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "backends/host/zdb_tools.hpp"
#include "tests/journeys/workload_node.hpp"
#include "tests/support/zdb_client.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace {

constexpr std::uint16_t port = 9900;

boost::test_tools::assertion_result
namespaces_are_possible(boost::unit_test::test_unit_id) {
  // The fixture takes networks away, too.
  const auto networks = probe_network().ability;
  if (networks.state == ability::level::missing)
    return unless("needs networks: " + networks.reason);
  const auto can = probe_zdb(std::filesystem::temp_directory_path().string(),
                             zdb_server_program())
                     .ability;
  return unless(can.state == ability::level::missing ? can.reason : "");
}

/// A node that reads a namespace from a file.
struct zdb_node : workload_node {
  zdb_node() : workload_node{"zdb", "user"} {
    configure("[capacity]\nhru = \"100GiB\"\nsru = \"100GiB\"\n[volumes]\n"
              "technique = \"directory\"\n[zdb]\nserver = \""
              + zdb_server_program() + "\"\nlisten = \""
              + address_of_this_test() + ':' + std::to_string(port) + "\"\n");
  }

  reservation a_namespace() {
    auto r = golden_reservation("zdb");
    auto& what = std::get<workloads::zdb>(r.workload);
    // Secrets of this version are sealed for the node, by anybody.
    r.version = 0;
    what.size = 1;
    what.is_public = false;
    what.password = sealed("open sesame");
    return r;
  }

  bool is_served() const {
    if (server() == 0)
      return false;
    zdb_client user{port};
    return user.says({"SELECT", "101-1"}) == "Namespace protected and private"
           && user.says({"SELECT", "101-1", "open sesame"}) == "OK";
  }

  std::string told() const {
    zdb_client user{port};
    return user.says({"NSINFO", "101-1"});
  }

  /// The server's process; 0 if none runs.
  int server() const { return processes().look("user").pid; }

  std::string pool() const { return node.data_dir() + "/volumes/zdb+user"; }
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
  zdb_client user{port};
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
  zdb_client again{port};
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

BOOST_AUTO_TEST_SUITE_END()
