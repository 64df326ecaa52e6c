#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <string>

#include "actors/provisioners/network.hpp"
#include "backends/simulated/network_backend.hpp"
#include "messages/json/json.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(network_provisioner_test)

namespace {

/// The golden network_resource reservation, decoded.
reservation a_network(std::string id = "104-1") {
  std::ifstream file{"tests/golden/reservations/network_resource.json"};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto r = json::read_reservation(text).value();
  r.id = std::move(id);
  json::decode_workload(r);
  return r;
}

workloads::network_resource& resource_of(reservation& r) {
  return std::get<workloads::network_resource>(r.workload);
}

struct fixture {
  std::shared_ptr<simulated_network_backend> host
    = std::make_shared<simulated_network_backend>();
  workload_functions both = network_functions(host);
};

} // namespace

BOOST_FIXTURE_TEST_CASE(makes_a_network_under_its_id_on_the_node, fixture) {
  auto r = a_network();
  BOOST_CHECK_EQUAL(both.provision(r).value(), "null");
  // As after a crash: the same again.
  BOOST_CHECK_EQUAL(both.provision(r).value(), "null");
  const auto networks = host->networks();
  BOOST_REQUIRE_EQUAL(networks.size(), 1);
  const auto& [id, order] = *networks.begin();
  BOOST_CHECK_EQUAL(id, network_id("7", "net1"));
  BOOST_CHECK(order.resource == resource_of(r));
  BOOST_CHECK(!both.decommission(r));
  BOOST_CHECK(!both.decommission(r));
  BOOST_CHECK(host->networks().empty());
}

BOOST_FIXTURE_TEST_CASE(a_network_goes_with_its_last_reservation, fixture) {
  auto first = a_network("104-1");
  auto second = a_network("105-1");
  resource_of(second).peers.clear();
  BOOST_REQUIRE(both.provision(first));
  BOOST_REQUIRE(both.provision(second));
  BOOST_REQUIRE_EQUAL(host->networks().size(), 1);
  BOOST_CHECK(host->networks().begin()->second.resource.peers.empty());
  BOOST_CHECK(!both.decommission(first));
  BOOST_CHECK_EQUAL(host->networks().size(), 1);
  BOOST_CHECK(!both.decommission(second));
  BOOST_CHECK(host->networks().empty());
}

BOOST_FIXTURE_TEST_CASE(a_reservation_that_was_moved_still_holds_it, fixture) {
  auto older = a_network("5-2");
  BOOST_REQUIRE(both.provision(older));
  auto newer = a_network("100-1");
  newer.reference = "5-2";
  BOOST_CHECK(!both.decommission(newer));
  BOOST_CHECK(host->networks().empty());
}

BOOST_FIXTURE_TEST_CASE(users_whose_names_collide_stay_apart, fixture) {
  auto mine = a_network();
  mine.user_id = "71";
  resource_of(mine).name = "net";
  auto other = a_network("105-1");
  other.user_id = "7";
  resource_of(other).name = "1net";
  BOOST_REQUIRE(both.provision(mine));
  const auto refused = both.provision(other);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().message.find("another user's")
              != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(names_the_first_field_that_is_missing, fixture) {
  using change = void (*)(workloads::network_resource&);
  struct wrong {
    const char* field;
    change make;
  };
  for (const auto& [field, make] : {
         wrong{"net_id", [](auto& r) { r.net_id.clear(); }},
         wrong{"name", [](auto& r) { r.name.clear(); }},
         wrong{"ip_range", [](auto& r) { r.network_range = {}; }},
         wrong{"node_id", [](auto& r) { r.node_id.clear(); }},
         wrong{"subnet", [](auto& r) { r.subnet = {}; }},
         wrong{"wg_private_key", [](auto& r) { r.wg_private_key.clear(); }},
         wrong{"wg_public_key", [](auto& r) { r.wg_public_key.clear(); }},
         wrong{"wg_listen_port", [](auto& r) { r.wg_listen_port = 0; }},
         wrong{"peers.wg_public_key",
               [](auto& r) { r.peers[0].wg_public_key.clear(); }},
         wrong{"peers.subnet", [](auto& r) { r.peers[0].subnet = {}; }},
         wrong{"peers.allowed_ips",
               [](auto& r) { r.peers[0].allowed_ips.clear(); }},
       }) {
    auto r = a_network();
    make(resource_of(r));
    const auto refused = both.provision(r);
    BOOST_REQUIRE_MESSAGE(!refused, field);
    BOOST_CHECK(refused.error().code == errc::invalid_reservation);
    BOOST_CHECK_EQUAL(refused.error().message,
                      "reservation 104-1: " + std::string{field}
                        + ": must not be empty");
  }
  BOOST_CHECK(host->networks().empty());
}

BOOST_FIXTURE_TEST_CASE(hands_on_what_the_host_says, fixture) {
  host->fail_with({errc::backend_failure, "no more ports"});
  BOOST_CHECK_EQUAL(both.provision(a_network()).error().message,
                    "no more ports");
  BOOST_CHECK_EQUAL(both.decommission(a_network()).message, "no more ports");
  host->fail_with({});
  BOOST_CHECK(both.provision(a_network()));
  // What cannot be read was never made.
  reservation empty;
  empty.type = reservation_types::network;
  BOOST_CHECK(!both.provision(empty));
  BOOST_CHECK(!both.decommission(empty));
}

BOOST_AUTO_TEST_SUITE_END()
