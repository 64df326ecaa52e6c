#include "actors/provisioners/public_ip.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "backends/simulated/public_ip_backend.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/provisioner_tests.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(public_ip_provisioner_test)

namespace {

struct fixture {
  std::shared_ptr<simulated_public_ip_backend> host
    = std::make_shared<simulated_public_ip_backend>();
  workload_functions both = public_ip_functions(host);

  reservation wanted = golden_reservation("public_ip");

  void ask_for(const std::string& range) {
    wanted.workload
      = workloads::public_ip{workloads::parse_cidr(range).value()};
  }

  void refused(const std::string& why) {
    check_refused(both, wanted, why);
    BOOST_CHECK(host->addresses().empty());
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(answers_with_the_address_without_its_mask, fixture) {
  constexpr auto answer = R"({"id":"105-1","ip":"185.69.166.120"})";
  BOOST_CHECK_EQUAL(both.provision(wanted).value(), answer);
  // As after a crash: the same again.
  BOOST_CHECK_EQUAL(both.provision(wanted).value(), answer);
  BOOST_REQUIRE_EQUAL(host->addresses().size(), 1);
  BOOST_CHECK_EQUAL(to_string(host->addresses().at("105-1").address),
                    "185.69.166.120/24");
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(host->addresses().empty());
}

BOOST_FIXTURE_TEST_CASE(refuses_what_is_no_ipv4_address, fixture) {
  ask_for("2001:db8::1/64");
  refused("ip: 2001:db8::1/64 is no IPv4 address");
  wanted.workload = workloads::public_ip{};
  refused("ip: must not be empty");
  wanted.workload = workloads::volume{};
  refused("data: is not a public_ip");
}

BOOST_FIXTURE_TEST_CASE(keeps_the_name_of_what_it_was_migrated_from, fixture) {
  wanted.reference = "12-1";
  BOOST_CHECK_EQUAL(both.provision(wanted).value(),
                    R"({"id":"12-1","ip":"185.69.166.120"})");
}

BOOST_FIXTURE_TEST_CASE(passes_on_what_the_host_refuses, fixture) {
  host->fail_with({errc::host_unavailable, "no bridge"});
  BOOST_CHECK(both.provision(wanted).error().code == errc::host_unavailable);
  BOOST_CHECK(both.decommission(wanted).code == errc::host_unavailable);
}

BOOST_AUTO_TEST_SUITE_END()
