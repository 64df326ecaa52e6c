#include <boost/test/unit_test.hpp>

#include <map>
#include <string>

#include "actors/provisioners/kubernetes.hpp"
#include "backends/simulated/machine_backend.hpp"
#include "messages/json/json.hpp"
#include "tests/actors/provisioner_tests.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(kubernetes_provisioner_test)

namespace {

struct fixture {
  std::shared_ptr<simulated_machine_backend> host
    = std::make_shared<simulated_machine_backend>();
  workload_functions both = kubernetes_functions(
    {.backend = host,
     .open_secret
     = [](const reservation& r, std::string_view sealed) -> expected<secret> {
       if (sealed == "broken")
         return fail(errc::malformed_input, "does not open");
       return secret{"token \"of\" " + r.user_id};
     },
     .public_ip_owner = [this](const std::string& id) -> expected<std::string> {
       const auto found = owners.find(id);
       if (found == owners.end())
         return fail(errc::no_such_reservation, "no public_ip " + id);
       return found->second;
     }});

  /// Public addresses by id, and whose they are.
  std::map<std::string, std::string> owners = {};

  /// The golden machine of user 7, as far as a plain host can serve it.
  reservation wanted = [] {
    auto r = golden_reservation("kubernetes");
    std::get<workloads::kubernetes>(r.workload).public_ip = 0;
    return r;
  }();

  workloads::kubernetes& what() {
    return std::get<workloads::kubernetes>(wanted.workload);
  }

  machine_order order() { return host->machines().begin()->second; }

  void refused(const std::string& why) {
    check_refused(both, wanted, why);
    BOOST_CHECK(host->machines().empty());
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(hands_over_what_was_asked_for, fixture) {
  BOOST_CHECK_EQUAL(both.provision(wanted).value(),
                    R"({"id":"103-1","ip":"10.1.2.6"})");
  // As after a crash: the same again.
  BOOST_CHECK(both.provision(wanted));
  BOOST_REQUIRE_EQUAL(host->machines().size(), 1);
  const auto made = order();
  BOOST_CHECK_EQUAL(made.cpus, 2);
  BOOST_CHECK_EQUAL(made.memory_bytes, 4ULL << 30U);
  BOOST_CHECK_EQUAL(made.disk_bytes, 100ULL << 30U);
  BOOST_CHECK_EQUAL(made.network_id, network_id("7", "net1"));
  BOOST_REQUIRE_EQUAL(made.ssh_keys.size(), 1);
  BOOST_CHECK_EQUAL(made.ssh_keys[0], "github:user1");
  BOOST_REQUIRE_EQUAL(made.files.size(), 1);
  BOOST_CHECK_EQUAL(made.files[0].path, "/etc/rancher/k3s/config.yaml");
  BOOST_CHECK_EQUAL(made.files[0].content.reveal(),
                    R"({"flannel-iface":"eth0","token":"token \"of\" 7",)"
                    R"("server":"https://10.1.2.7:6443",)"
                    R"("disable":["traefik"]})"
                    "\n");
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(!both.decommission(wanted));
  BOOST_CHECK(host->machines().empty());
}

BOOST_FIXTURE_TEST_CASE(one_without_masters_is_a_master, fixture) {
  what().master_ips.reset();
  what().disable_default_ingress = false;
  what().datastore_endpoint = "postgres://db";
  BOOST_REQUIRE(both.provision(wanted));
  BOOST_CHECK_EQUAL(order().files[0].content.reveal(),
                    R"({"flannel-iface":"eth0","token":"token \"of\" 7",)"
                    R"("datastore-endpoint":"postgres://db"})"
                    "\n");
}

BOOST_FIXTURE_TEST_CASE(writes_a_master_of_ipv6_in_brackets, fixture) {
  what().master_ips = {{workloads::parse_ip("2001:db8::1").value()}};
  BOOST_REQUIRE(both.provision(wanted));
  BOOST_CHECK(order().files[0].content.reveal().find(
                R"("server":"https://[2001:db8::1]:6443")")
              != std::string_view::npos);
}

BOOST_FIXTURE_TEST_CASE(refuses_what_no_machine_can_be_made_of, fixture) {
  what().master_ips->push_back({});
  refused("master_ips: ");
  what().ip = {};
  refused("ip: ");
  what().network_id.clear();
  refused("network_id: ");
  what().size = 19;
  refused("size: 19 ");
  what().size = 0;
  refused("size: 0 ");
}

BOOST_FIXTURE_TEST_CASE(hands_over_its_public_address, fixture) {
  what().public_ip = 42;
  owners["42-1"] = "7";
  BOOST_REQUIRE(both.provision(wanted));
  BOOST_CHECK_EQUAL(order().public_ip, "42-1");
}

BOOST_FIXTURE_TEST_CASE(waits_for_a_public_address_that_is_not_here_yet,
                        fixture) {
  what().public_ip = 42;
  const auto done = both.provision(wanted);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(kind_of(done.error().code) == error_kind::transient);
  BOOST_CHECK(done.error().message.find("public_ip: no public_ip 42-1")
              != std::string::npos);
  BOOST_CHECK(host->machines().empty());
}

BOOST_FIXTURE_TEST_CASE(refuses_a_public_address_that_it_cannot_have, fixture) {
  what().public_ip = 42;
  owners["42-1"] = "8";
  refused("public_ip: 42-1 is another user's");
  both = kubernetes_functions(
    {.backend = host, .why_no_public_ips = "there is no bridge"});
  refused("public_ip: this node has no public addresses for machines: there "
          "is no bridge");
}

BOOST_FIXTURE_TEST_CASE(names_a_secret_that_does_not_open, fixture) {
  what().cluster_secret = "broken";
  const auto done = both.provision(wanted);
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::malformed_input);
  BOOST_CHECK(done.error().message.find("cluster_secret: does not open")
              != std::string::npos);
  BOOST_CHECK(host->machines().empty());
}

BOOST_FIXTURE_TEST_CASE(passes_on_what_the_host_refuses, fixture) {
  host->fail_with({errc::disk_full, "no room"});
  BOOST_CHECK(both.provision(wanted).error().code == errc::disk_full);
  BOOST_CHECK(both.decommission(wanted).code == errc::disk_full);
}

BOOST_AUTO_TEST_SUITE_END()
