#include "actors/provisioners/gateway.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "backends/simulated/gateway_backend.hpp"
#include "tests/actors/provisioner_tests.hpp"

using namespace provision;

namespace gateway_provisioner_test {
namespace {

namespace types = reservation_types;

workloads::ip_address ip(const std::string& text) {
  return workloads::parse_ip(text).value();
}

struct fixture {
  std::shared_ptr<simulated_gateway_backend> host
    = std::make_shared<simulated_gateway_backend>();
  workload_functions both = gateway_functions(
    {.backend = host,
     .open_secret
     = [](const reservation& r, std::string_view sealed) -> expected<secret> {
       if (sealed == "broken")
         return fail(errc::malformed_input, "does not open");
       if (sealed == "unknown")
         return fail(errc::explorer_unreachable, "nobody answers");
       return secret{std::string{sealed} + " opened for " + r.user_id};
     }});

  static reservation wanted(const reservation_type& type, std::string data) {
    reservation r;
    r.id = "106-1";
    r.user_id = "7";
    r.type = type;
    r.data = std::move(data);
    return r;
  }

  void refused(const reservation_type& type, const std::string& data,
               const std::string& why) {
    test::check_refused(both, wanted(type, data), why);
    BOOST_CHECK(host->served().empty());
  }
};

constexpr auto a_proxy
  = R"({"domain":"WWW.example.com","addr":"10.0.0.1","port":80,"port_tls":443})";

} // namespace
} // namespace gateway_provisioner_test

BOOST_FIXTURE_TEST_SUITE(gateway_provisioner_test, fixture)

BOOST_AUTO_TEST_CASE(hands_each_types_wish_to_the_back_end) {
  const std::vector<std::tuple<reservation_type, std::string, gateway_wish>>
    cases{
      {types::proxy, a_proxy,
       proxied_domain{"www.example.com", ip("10.0.0.1"), 80, 443}},
      {types::reverse_proxy, R"({"domain":"b.example.com","secret":"7:00"})",
       tunnelled_domain{"b.example.com",
                        secret_digest(secret{"7:00 opened for 7"})}},
      {types::subdomain,
       R"({"domain":"a.example.com","destination":["1.2.3.4","2001:db8::1"]})",
       named_addresses{"a.example.com", {ip("1.2.3.4"), ip("2001:db8::1")}}},
      {types::domain_delegate, R"({"domain":"example.com"})",
       delegated_domain{"example.com"}}};
  for (const auto& [type, data, what] : cases) {
    const auto r = wanted(type, data);
    BOOST_CHECK_EQUAL(both.provision(r).value(), "null");
    // As after a crash: the same again.
    BOOST_CHECK(both.provision(r));
    BOOST_REQUIRE_EQUAL(host->served().size(), 1);
    const auto made = host->served().at("106-1");
    BOOST_CHECK_EQUAL(made.user_id, "7");
    BOOST_CHECK(made.what == what);
    BOOST_CHECK(!both.decommission(r));
    BOOST_CHECK(!both.decommission(r));
    BOOST_CHECK(host->served().empty());
  }
}

BOOST_AUTO_TEST_CASE(goes_by_the_name_that_a_reference_gives) {
  auto r = wanted(types::proxy, a_proxy);
  r.reference = "12-1";
  BOOST_CHECK(both.provision(r));
  BOOST_CHECK(host->served().contains("12-1"));
  BOOST_CHECK(!both.decommission(r));
  BOOST_CHECK(host->served().empty());
}

BOOST_AUTO_TEST_CASE(refuses_what_no_gateway_can_serve) {
  refused(types::proxy, "", "data: ");
  refused(types::proxy, R"({"port":"80"})", "data: port: ");
  refused(types::proxy, R"({"domain":"example"})", "domain: is no domain name");
  refused(types::proxy, R"({"domain":"a.example","addr":"a.example"})",
          "addr: is no address; names are not looked up");
  refused(types::proxy, R"({"domain":"a.example","addr":""})",
          "addr: is no address");
  refused(types::proxy,
          R"({"domain":"a.example","addr":"10.0.0.1","port":65536})",
          "port: 65536 is none from 0 to 65535");
  refused(types::proxy,
          R"({"domain":"a.example","addr":"10.0.0.1","port_tls":4294967295})",
          "port_tls: 4294967295 is none");
  refused(types::subdomain, R"({"domain":"a.example.com"})",
          "ips: must not be empty");
  refused(types::subdomain,
          R"({"domain":"a.example.com","destination":["1.2.3.4","x"]})",
          "ips: is no address");
  refused(types::domain_delegate, R"({"domain":"a.example\n@ IN NS b."})",
          "domain: is no domain name");
  refused(types::gateway4to6, R"({"public_key":"x"})",
          "type: is none that this gateway serves");
  refused(types::volume, "{}", "is no type of a gateway");
}

BOOST_AUTO_TEST_CASE(takes_a_secret_only_if_it_names_its_user) {
  const auto with = [](const std::string& sealed) {
    return R"({"domain":"a.example","secret":")" + sealed + "\"}";
  };
  for (const std::string other : {"8:00", "00", "77:00", ":00"})
    refused(types::reverse_proxy, with(other),
            "secret: is not \"7:\" and something behind it");
  refused(types::reverse_proxy, with("7:" + std::string(1024, 's')),
          "secret: is longer than 1024 bytes");
  // What cannot be opened says why, and whether that may pass.
  const auto broken
    = both.provision(wanted(types::reverse_proxy, with("broken")));
  BOOST_REQUIRE(!broken);
  BOOST_CHECK(broken.error().code == errc::malformed_input);
  BOOST_CHECK_EQUAL(broken.error().message,
                    "reservation 106-1: secret: does not open");
  const auto later
    = both.provision(wanted(types::reverse_proxy, with("unknown")));
  BOOST_REQUIRE(!later);
  BOOST_CHECK(later.error().code == errc::explorer_unreachable);
}

BOOST_AUTO_TEST_CASE(hands_on_why_the_host_failed) {
  host->fail_with({errc::host_unavailable, "nginx does not serve"});
  const auto r = wanted(types::proxy, a_proxy);
  const auto done = both.provision(r);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_unavailable);
  BOOST_CHECK(both.decommission(r).code == errc::host_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
