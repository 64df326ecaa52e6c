#include "actors/provisioners/ipv6_gateway.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "backends/simulated/ipv6_gateway_backend.hpp"
#include "tests/actors/provisioner_tests.hpp"

using namespace provision;

namespace ipv6_gateway_provisioner_test {
namespace {

constexpr auto a_key = "0t11OkPwUBPe6m6wL6JTVzJHNjjReBJbEcnSZPs+pFo=";

struct ipv6_desk {
  std::shared_ptr<simulated_ipv6_gateway_backend> host
    = std::make_shared<simulated_ipv6_gateway_backend>();
  workload_functions both = ipv6_gateway_functions(host);

  static reservation wanted(std::string data) {
    reservation r;
    r.id = "110-1";
    r.user_id = "7";
    r.type = reservation_types::gateway4to6;
    r.data = std::move(data);
    return r;
  }

  static reservation a_client() {
    return wanted(R"({"public_key":")" + std::string{a_key} + "\"}");
  }
};

} // namespace
} // namespace ipv6_gateway_provisioner_test

BOOST_FIXTURE_TEST_SUITE(ipv6_gateway_provisioner_test, ipv6_desk)

BOOST_AUTO_TEST_CASE(tells_the_client_what_it_has_to_set_up) {
  const std::string told
    = R"({"ips":["2001:db8::1/128"],"peers":[{"public_key":"the node's",)"
      R"("allowed_ips":["2000::/3"],"endpoint":"192.0.2.1:51820"}]})";
  BOOST_CHECK_EQUAL(both.provision(a_client()).value(), told);
  // As after a crash: the same again.
  BOOST_CHECK_EQUAL(both.provision(a_client()).value(), told);
  BOOST_REQUIRE_EQUAL(host->clients().size(), 1);
  BOOST_CHECK_EQUAL(host->clients().at("110-1"), a_key);
  BOOST_CHECK(!both.decommission(a_client()));
  BOOST_CHECK(!both.decommission(a_client()));
  BOOST_CHECK(host->clients().empty());
}

BOOST_AUTO_TEST_CASE(goes_by_the_id_that_a_replaced_reservation_had) {
  auto replacing = a_client();
  replacing.reference = "55-1";
  BOOST_REQUIRE(both.provision(replacing));
  BOOST_CHECK(host->clients().contains("55-1"));
}

BOOST_AUTO_TEST_CASE(refuses_arguments_that_are_none) {
  test::check_refused(both, wanted("[]"), "data: ");
  test::check_refused(both, wanted(R"({"public_key":7})"), "data: ");
  auto other = wanted(R"({"domain":"a.example"})");
  other.type = reservation_types::domain_delegate;
  test::check_refused(both, other, "data: is not a gateway4to6");
  BOOST_CHECK(host->clients().empty());
}

BOOST_AUTO_TEST_CASE(passes_on_what_the_host_refuses) {
  host->fail_with({errc::host_unavailable, "no bridge"});
  const auto done = both.provision(a_client());
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_unavailable);
  BOOST_CHECK(done.error().message.find("no bridge") != std::string::npos);
  BOOST_CHECK(both.decommission(a_client()).code == errc::host_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
