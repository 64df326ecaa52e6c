#include <boost/test/unit_test.hpp>

#include <signal.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/journeys/workload_node.hpp"
#include "tests/journeys/zdb_node.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace janitor_journey_test {
namespace {

namespace fs = std::filesystem;

constexpr auto eager = "[janitor]\ninterval = \"1s\"\nquarantine = "
                       "\"1s\"\nremove = \"on\"\n";

/// A node with volumes in plain folders, whose janitor looks every second.
struct tidy_node : workload_node {
  tidy_node() : workload_node{"volumes", "500-1"} {
    configure(std::string{"[capacity]\nsru = \"100TiB\"\n[volumes]\n"
                          "technique = \"directory\"\n"}
              + eager);
    wish(a_volume("500-1"));
    wish(a_volume("501-1"));
    start();
    BOOST_REQUIRE_MESSAGE(eventually([&] { return has("501-1"); }), node.log());
    auto over = a_volume("501-1");
    over.to_delete = true;
    stop();
    wish(over);
    start();
    BOOST_REQUIRE_MESSAGE(eventually([&] { return !has("501-1"); }),
                          node.log());
  }

  void stop() {
    node.signal(SIGTERM);
    BOOST_REQUIRE(node.wait());
  }

  static reservation a_volume(const std::string& id) {
    auto r = golden_reservation("volume");
    r.id = id;
    return r;
  }

  fs::path place(const std::string& id) const {
    return fs::path{node.data_dir()} / "volumes" / id;
  }
  bool has(const std::string& id) const { return fs::exists(place(id)); }

  /// What somebody lays there behind the node's back.
  void plant(const std::string& id) const {
    fs::create_directories(place(id));
    std::ofstream{place(id) / "file"} << "of a customer";
  }

  bool reports(const std::string& id) const {
    return eventually([&] { return logs("orphan=volume:" + id); });
  }
};

/// A node with namespaces whose janitor does the same.
struct tidy_zdb_node : zdb_node {
  tidy_zdb_node() : zdb_node{eager} {
    wish(a_namespace("101-1"));
    wish(a_namespace("102-1"));
    start();
    BOOST_REQUIRE_MESSAGE(eventually([&] { return has("102-1"); }), node.log());
    auto over = a_namespace("102-1");
    over.to_delete = true;
    node.signal(SIGTERM);
    BOOST_REQUIRE(node.wait());
    wish(over);
    start();
    BOOST_REQUIRE_MESSAGE(eventually([&] { return !has("102-1"); }),
                          node.log());
  }

  bool has(const std::string& id) const {
    auto server = admin();
    const auto found = server ? server->find(id) : fail(server.error());
    return found && *found;
  }

  /// As a restored disk brings it back: the node has no note of it.
  void plant(const std::string& id) const {
    auto server = admin();
    BOOST_REQUIRE(server);
    BOOST_REQUIRE(!server->create({.id = id, .size_bytes = 1U << 20U}));
  }

  bool reports(const std::string& id) const {
    return eventually([&] { return logs("orphan=zdb:" + id); });
  }
};

} // namespace
} // namespace janitor_journey_test

BOOST_FIXTURE_TEST_SUITE(janitor_journey_test, tidy_node)

BOOST_AUTO_TEST_CASE(only_what_was_deleted_by_an_order_goes_by_itself) {
  plant("501-1");
  plant("999-1");
  BOOST_CHECK_MESSAGE(reports("501-1"), node.log());
  BOOST_CHECK(reports("999-1"));
  BOOST_CHECK_MESSAGE(eventually([&] { return !has("501-1"); }), node.log());
  // They were seen as long as the one that went.
  BOOST_CHECK(has("999-1"));
  BOOST_CHECK(has("500-1"));
  BOOST_CHECK(!logs("orphan=volume:500-1"));
}

BOOST_FIXTURE_TEST_CASE(
  only_namespaces_that_were_deleted_by_an_order_go_by_themselves, tidy_zdb_node,
  *boost::unit_test::precondition(namespaces_are_possible)) {
  plant("102-1");
  plant("999-1");
  BOOST_CHECK_MESSAGE(reports("102-1"), node.log());
  BOOST_CHECK(reports("999-1"));
  BOOST_CHECK_MESSAGE(eventually([&] { return !has("102-1"); }), node.log());
  BOOST_CHECK(has("999-1"));
  BOOST_CHECK(has("101-1"));
  BOOST_CHECK(!logs("orphan=zdb:101-1"));
}

BOOST_AUTO_TEST_SUITE_END()
