#include "backends/host/ipv6_gateway_plan.hpp"

#include <boost/test/unit_test.hpp>

#include "backends/host/ip_facts.hpp"

using namespace provision;

namespace ipv6_gateway_plan_test {
namespace {

workloads::ip_address ipv6(const std::string& text) {
  return workloads::parse_ip(text).value();
}

ipv6_gateway_terms given() {
  return {.bridge = "ext0",
          .address = workloads::parse_cidr("2001:db8:1:2::5/64").value(),
          .router = ipv6("fe80::1"),
          .network = workloads::parse_cidr("2001:db8:1:2::/64").value(),
          .endpoint = "192.0.2.1:51820",
          .port = 51820};
}

} // namespace
} // namespace ipv6_gateway_plan_test

BOOST_AUTO_TEST_SUITE(ipv6_gateway_plan_test)

BOOST_AUTO_TEST_CASE(a_network_has_the_addresses_that_begin_like_it) {
  const auto in = [](const std::string& address, const std::string& network) {
    return is_in_network(ipv6(address), workloads::parse_cidr(network).value());
  };
  BOOST_CHECK(in("2001:db8:1:2::9", "2001:db8:1:2::5/64"));
  BOOST_CHECK(!in("2001:db8:1:3::9", "2001:db8:1:2::5/64"));
  BOOST_CHECK(in("2001:db8:1:7::9", "2001:db8:1:4::/62"));
  BOOST_CHECK(!in("2001:db8:1:8::9", "2001:db8:1:4::/62"));
  BOOST_CHECK(in("2001:db8::1", "2001:db8::1/128"));
  BOOST_CHECK(!in("2001:db8::2", "2001:db8::1/128"));
  BOOST_CHECK(in("2001:db8::2", "::/0"));
}

BOOST_AUTO_TEST_CASE(an_address_follows_from_the_id_unless_it_is_taken) {
  ipv6_clients clients;
  const auto first = new_client_address(given(), clients, "node", "110-1");
  BOOST_CHECK(first == new_client_address(given(), clients, "node", "110-1"));
  BOOST_CHECK(is_in_network(first, given().network));
  BOOST_CHECK(first != new_client_address(given(), clients, "node", "111-1"));
  BOOST_CHECK(first != new_client_address(given(), clients, "other", "110-1"));
  clients["109-1"] = {"key", first};
  const auto next = new_client_address(given(), clients, "node", "110-1");
  BOOST_CHECK(next != first);
  auto taken = given();
  taken.address.address = first;
  BOOST_CHECK(new_client_address(taken, {}, "node", "110-1") == next);
  taken = given();
  taken.router = first;
  BOOST_CHECK(new_client_address(taken, {}, "node", "110-1") == next);
}

BOOST_AUTO_TEST_CASE(it_answers_for_clients_that_nobody_would_look_for_here) {
  const ipv6_clients clients{{"110-1", {"b", ipv6("2001:db8:1:2::b")}},
                             {"111-1", {"a", ipv6("2001:db8:9:9::a")}}};
  const auto plan = plan_ipv6_gateway(given(), clients, "own", "tunnel0");
  using texts = std::vector<std::string>;
  BOOST_CHECK(plan.answered == texts{"2001:db8:1:2::b/128"});
  BOOST_CHECK(plan.routes
              == (texts{"2001:db8:1:2::b/128", "2001:db8:9:9::a/128", "::/0"}));
  BOOST_REQUIRE_EQUAL(plan.peers.size(), 2);
  BOOST_CHECK_EQUAL(plan.peers[0].public_key, "a");
  BOOST_CHECK(plan.peers[0].allowed == texts{"2001:db8:9:9::a/128"});
  const auto rules = filter_rules(plan);
  BOOST_CHECK(rules.find("elements = { 2001:db8:9:9::a, 2001:db8:1:2::b }")
              != std::string::npos);
  BOOST_CHECK(rules.find(filter_mark(plan)) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_mark_tells_whatever_the_kernel_would_not) {
  const ipv6_clients clients{{"110-1", {"b", ipv6("2001:db8:1:2::b")}}};
  const auto mark = [&](const ipv6_gateway_terms& terms) {
    return filter_mark(plan_ipv6_gateway(terms, clients, "own", "tunnel0"));
  };
  auto other = given();
  BOOST_CHECK_EQUAL(mark(other), mark(given()));
  other.router = ipv6("fe80::2");
  BOOST_CHECK(mark(other) != mark(given()));
}

BOOST_AUTO_TEST_CASE(lists_of_ip_are_read_in_either_family) {
  const auto json = R"([{"dst":"2001:db8::7"},{"dst":"default"}])";
  using texts = std::vector<std::string>;
  BOOST_CHECK(read_routes(json, ip_family::v6).value()
              == (texts{"2001:db8::7/128", "::/0"}));
  const auto links = read_links(
    R"([{"ifname":"up0","addr_info":[)"
    R"({"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"},)"
    R"({"family":"inet6","local":"2001:db8::5","prefixlen":64,)"
    R"("scope":"global"}]}])");
  BOOST_REQUIRE(links);
  BOOST_CHECK(links->front().ipv6_addresses == texts{"2001:db8::5/64"});
}

BOOST_AUTO_TEST_SUITE_END()
