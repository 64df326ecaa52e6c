#include <boost/test/unit_test.hpp>

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "backends/host/net_space.hpp"
#include "backends/host/network_router.hpp"
#include "identity/node_key.hpp"
#include "identity/secret_box.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "identity/wireguard_key.hpp"
#include "messages/base64.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "tests/journeys/node_process.hpp"
#include "tests/journeys/workers.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace network_journey_test {
namespace {

boost::test_tools::assertion_result
networks_are_possible(boost::unit_test::test_unit_id) {
  const auto can = probe_network().ability;
  boost::test_tools::assertion_result result{can.state
                                             != ability::level::missing};
  const auto why = "needs networks: " + can.reason + "; " + can.remedy;
  result.message() << why;
  if (!result)
    std::cout << "SKIP: " << why << '\n';
  return result;
}

/// A node that reads its reservations from a file.
struct networked_node {
  explicit networked_node(const std::string& more = {}) {
    std::filesystem::create_directories(node.data_dir());
    run({"identity", "new", "--data-dir", node.data_dir()});
    std::istringstream words{
      run({"identity", "show", "--data-dir", node.data_dir()}).out};
    for (std::string word; words >> word;)
      if (public_key_of_node_id(word))
        node_id = word;
    BOOST_REQUIRE(!node_id.empty());
    conf = node.write("node.conf", "[node]\ndata_dir = \"" + node.data_dir()
                                     + "\"\n[volumes]\ntechnique = "
                                       "\"directory\"\n[replay]\nfile = \""
                                     + node.file("wishes.jsonl")
                                     + "\"\nsignatures = \"off\"\n" + more);
  }

  ~networked_node() {
    // What a failed case left.
    node.signal(SIGKILL);
    node.wait();
    const auto removed
      = network_router{tools, names(), {}, no_hook}.tear_down();
    BOOST_CHECK(!removed);
  }

  network_names names() const { return {node_id, network_id("7", "net1")}; }

  /// The golden network with keys of its own, the private one sealed for us.
  reservation a_network() {
    std::ifstream file{"tests/golden/reservations/network_resource.json"};
    auto r = json::read_reservation(
               std::string{std::istreambuf_iterator<char>{file}, {}})
               .value();
    json::decode_workload(r);
    auto& resource = std::get<workloads::network_resource>(r.workload);
    sodium_entropy random;
    private_key = base64::encode(random.draw(32).reveal());
    resource.wg_public_key
      = wireguard_key::public_of(secret{private_key}).value();
    resource.wg_private_key = hex::encode(
      secret_box::seal(private_key, public_key_of_node_id(node_id).value(),
                       random)
        .value());
    // Not the golden port: that is the one of a well-known service.
    resource.wg_listen_port
      = static_cast<std::uint16_t>(40000 + ::getpid() % 9000);
    r.node_id = node_id;
    r.data = json::write(r.workload);
    return r;
  }

  void wish(const reservation& r) {
    std::ofstream file{node.file("wishes.jsonl"), std::ios::app};
    file << json::write(r).value() << '\n';
  }

  void start() {
    node.start({"run", "--config", conf});
    BOOST_REQUIRE(node.hears("READY=1"));
  }

  void kill() {
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
  }

  bool is_there() const {
    return net_space::look(names().router) == presence::present;
  }

  int tunnel() const { return tunnel_process(names().tunnel).value_or(0); }

  node_process node = {};
  std::string node_id = {};
  std::string conf = {};
  std::string private_key = {};
  const network_tools tools = probe_network().tools;
  const step_hook no_hook = {};
};

struct isolated_networked_node : networked_node {
  isolated_networked_node()
    : networked_node{isolating({"network", "network_resource"})} {}
};

} // namespace
} // namespace network_journey_test

BOOST_FIXTURE_TEST_SUITE(network_journey_test, networked_node,
                         *boost::unit_test::precondition(networks_are_possible))

BOOST_AUTO_TEST_CASE(a_network_outlives_the_daemon_and_goes_on_order) {
  auto wanted = a_network();
  wish(wanted);
  start();
  const auto provisioned
    = [&] { return node.log().find("provisioned") != std::string::npos; };
  BOOST_REQUIRE_MESSAGE(eventually(provisioned), node.log());
  BOOST_CHECK(is_there());
  const auto process = tunnel();
  kill();
  BOOST_CHECK(is_there());
  BOOST_CHECK_EQUAL(tunnel(), process);
  start();
  BOOST_CHECK_EQUAL(tunnel(), process);
  if (process != 0) {
    ::kill(process, SIGKILL);
    BOOST_CHECK(eventually([&] {
      const auto now = tunnel();
      return now != 0 && now != process;
    }));
  }
  kill();
  wanted.to_delete = true;
  wish(wanted);
  start();
  BOOST_CHECK_MESSAGE(eventually([&] { return !is_there(); }), node.log());
  BOOST_CHECK_EQUAL(tunnel(), 0);
  node.signal(SIGTERM);
  const auto end = node.wait();
  BOOST_REQUIRE(end);
  BOOST_CHECK_EQUAL(end->code, 0);
  BOOST_CHECK_EQUAL(node.log().find(private_key), std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_network_of_a_worker_is_kept_up_by_the_daemon,
                        isolated_networked_node) {
  auto wanted = a_network();
  wish(wanted);
  start();
  const auto provisioned
    = [&] { return node.log().find("provisioned") != std::string::npos; };
  BOOST_REQUIRE_MESSAGE(eventually(provisioned), node.log());
  const auto process = tunnel();
  replace_worker(node, "network_resource");
  BOOST_CHECK(is_there());
  BOOST_CHECK_EQUAL(tunnel(), process);
  if (process != 0) {
    // It is not taken for the worker's when memory is short.
    std::ifstream rank{"/proc/" + std::to_string(process) + "/oom_score_adj"};
    std::ifstream own{"/proc/" + std::to_string(node.pid()) + "/oom_score_adj"};
    int its = 1, daemons = 0;
    rank >> its;
    own >> daemons;
    BOOST_CHECK_EQUAL(its, daemons);
    ::kill(process, SIGKILL);
    BOOST_CHECK_MESSAGE(eventually([&] {
                          const auto now = tunnel();
                          return now != 0 && now != process;
                        }),
                        node.log());
  }
  wanted.to_delete = true;
  const auto end = run_program(
    PROVISIONCTL, {"--data-dir", node.data_dir(), "submit",
                   node.write("order.jsonl", json::write(wanted).value())});
  BOOST_REQUIRE_MESSAGE(end.code == 0, end.err);
  BOOST_CHECK_MESSAGE(eventually([&] { return !is_there(); }), node.log());
  BOOST_CHECK_EQUAL(tunnel(), 0);
  node.signal(SIGTERM);
  BOOST_CHECK_EQUAL(node.wait().value().code, 0);
  BOOST_CHECK_EQUAL(node.log().find(private_key), std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
