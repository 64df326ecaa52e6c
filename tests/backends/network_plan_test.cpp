#include "backends/host/network_plan.hpp"

#include <functional>

#include "backends/host/wireguard_tunnel.hpp"
#include "tests/backends/a_network.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(network_plan_test)

BOOST_AUTO_TEST_CASE(works_out_addresses_as_the_other_nodes_expect_them) {
  const tunnel_keys keys;
  const auto plan = plan_network(a_resource(keys, "10.17.34.0/24", 6380));
  BOOST_REQUIRE(plan);
  BOOST_CHECK_EQUAL(plan->subnet, "10.17.34.0/24");
  BOOST_CHECK_EQUAL(plan->gateway, "10.17.34.1");
  BOOST_CHECK_EQUAL(plan->bridge_address, "10.17.34.1/24");
  BOOST_CHECK_EQUAL(plan->tunnel_address, "100.64.17.34/16");
  BOOST_CHECK_EQUAL(plan->listen_port, 6380);
  // Bits behind the prefix mean nothing.
  BOOST_CHECK_EQUAL(
    plan_network(a_resource(keys, "10.17.34.9/24"))->bridge_address,
    "10.17.34.1/24");
  BOOST_CHECK_EQUAL(
    plan_network(a_resource(keys, "10.17.34.128/25"))->bridge_address,
    "10.17.34.129/25");
}

BOOST_AUTO_TEST_CASE(writes_what_wg_and_nft_read) {
  const tunnel_keys keys;
  const tunnel_keys other;
  auto wanted = a_resource(keys);
  wanted.peers = {a_peer(other.shown, "10.1.3.0/24", "[2a02::1]:6380")};
  wanted.peers[0].allowed_ips.push_back(range("fd00::1/64"));
  const auto plan = plan_network(wanted);
  BOOST_REQUIRE(plan);
  // Routes lead where the network has addresses: it has those of IPv4.
  BOOST_REQUIRE_EQUAL(plan->routes.size(), 1);
  BOOST_CHECK_EQUAL(plan->routes[0], "10.1.3.0/24");
  const auto text = tunnel_configuration(*plan, secret{keys.own});
  BOOST_CHECK_EQUAL(text.reveal(), "[Interface]\nPrivateKey = " + keys.own
                                     + "\nListenPort = 41000\n"
                                       "[Peer]\nPublicKey = "
                                     + other.shown
                                     + "\nEndpoint = [2a02::1]:6380\n"
                                       "PersistentKeepalive = 25\n"
                                       "AllowedIPs = 10.1.3.0/24\n"
                                       "AllowedIPs = fd00::/64\n");
  const auto rules = filter_rules(*plan, "pw0");
  BOOST_CHECK(rules.starts_with("add table inet provision\n"));
  BOOST_CHECK(rules.find("iifname \"br0\" ip saddr != 10.1.2.0/24 drop")
              != std::string::npos);
  BOOST_CHECK(rules.find(filter_mark(*plan, "pw0")) != std::string::npos);
  // Other rules have another mark.
  BOOST_CHECK_NE(filter_mark(*plan, "pw0"), filter_mark(*plan, "pw1"));
}

BOOST_AUTO_TEST_CASE(names_the_field_that_cannot_be_served) {
  const tunnel_keys keys;
  const tunnel_keys other;
  using change = std::function<void(workloads::network_resource&)>;
  struct wrong {
    std::string field;
    change make;
  };
  const std::vector<wrong> all{
    {"subnet", [](auto& r) { r.subnet = range("10.1.2.0/31"); }},
    {"subnet", [](auto& r) { r.subnet = range("10.0.0.0/7"); }},
    {"subnet", [](auto& r) { r.subnet = range("fd00::/64"); }},
    {"wg_public_key", [](auto& r) { r.wg_public_key = "short"; }},
    {"peers.wg_public_key", [](auto& r) { r.peers[0].wg_public_key = "x"; }},
    {"peers.wg_public_key",
     [](auto& r) {
       r.peers.push_back(r.peers[0]);
       r.peers[1].allowed_ips = {range("10.1.4.0/24")};
     }},
    // It would go into a file of lines.
    {"peers.endpoint",
     [](auto& r) { r.peers[0].endpoint = "1.2.3.4:5\nPrivateKey = x"; }},
    {"peers.endpoint", [](auto& r) { r.peers[0].endpoint = "example.org:51"; }},
    {"peers.endpoint", [](auto& r) { r.peers[0].endpoint = "1.2.3.4:0"; }},
    {"peers.endpoint", [](auto& r) { r.peers[0].endpoint = "1.2.3.4:65536"; }},
    {"peers.endpoint", [](auto& r) { r.peers[0].endpoint = "::1:5"; }},
    {"peers.allowed_ips", [](auto& r) { r.peers[0].allowed_ips = {{}}; }},
    {"peers.allowed_ips", [](auto& r) {
       // The same range in another spelling.
       r.peers[0].allowed_ips.push_back(range("10.1.3.7/24"));
     }}};
  for (const auto& [field, make] : all) {
    auto wanted = a_resource(keys);
    wanted.peers = {a_peer(other.shown, "10.1.3.0/24", "1.2.3.4:5")};
    BOOST_REQUIRE(plan_network(wanted));
    make(wanted);
    const auto plan = plan_network(wanted);
    BOOST_REQUIRE_MESSAGE(!plan, field);
    BOOST_CHECK(plan.error().code == errc::invalid_reservation);
    BOOST_CHECK_MESSAGE(plan.error().message.starts_with(field + ": "),
                        plan.error().message);
  }
}

BOOST_AUTO_TEST_CASE(tells_which_addresses_a_member_may_have) {
  const tunnel_keys keys;
  const auto plan = plan_network(a_resource(keys)).value();
  BOOST_CHECK_EQUAL(member_address(plan, address("10.1.2.2")).value(),
                    "10.1.2.2/24");
  BOOST_CHECK(member_address(plan, address("10.1.2.254")));
  for (const auto* wrong :
       {"10.1.2.0", "10.1.2.1", "10.1.2.255", "10.1.3.2", "fd00::2", ""})
    BOOST_CHECK_MESSAGE(!member_address(plan, address(wrong)), wrong);
}

BOOST_AUTO_TEST_CASE(reads_what_wg_shows) {
  const auto facts
    = read_tunnel("\tOWN=\t41000\toff\n"
                  "B=\t(none)\t(none)\t(none)\t0\t0\t0\toff\n"
                  "A=\t(none)\t1.2.3.4:5\t10.1.4.0/24,10.1.3.0/24"
                  "\t1700000000\t92\t180\t25\n");
  BOOST_REQUIRE(facts);
  BOOST_CHECK_EQUAL(facts->public_key, "OWN=");
  BOOST_CHECK_EQUAL(facts->listen_port, 41000);
  BOOST_CHECK_EQUAL(facts->peers_heard, 1);
  BOOST_CHECK_EQUAL(facts->received_bytes, 92);
  BOOST_CHECK_EQUAL(facts->sent_bytes, 180);
  BOOST_REQUIRE_EQUAL(facts->peers.size(), 2);
  BOOST_CHECK(facts->peers[0]
              == (tunnel_peer{.public_key = "A=",
                              .endpoint = "1.2.3.4:5",
                              .allowed = {"10.1.3.0/24", "10.1.4.0/24"}}));
  BOOST_CHECK(facts->peers[1].allowed.empty());
  BOOST_CHECK(!read_tunnel(""));
  BOOST_CHECK(!read_tunnel("\tOWN=\t41000\toff\nA=\t(none)\n"));
}

BOOST_AUTO_TEST_SUITE_END()
