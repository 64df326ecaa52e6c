#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "backends/host/command.hpp"
#include "backends/host/gateway_tools.hpp"
#include "backends/host/supervised_processes.hpp"
#include "backends/host/text_digest.hpp"
#include "messages/json/json.hpp"
#include "shim/small_file.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/journeys/sealed_by_user.hpp"
#include "tests/journeys/workers.hpp"
#include "tests/support/gateway_town.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"
#include "tests/support/tunnel_client.hpp"
#include "tests/support/unless.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace gateway_journey_test {
namespace {

boost::test_tools::assertion_result
gateways_are_possible(boost::unit_test::test_unit_id) {
  if (::geteuid() != 0)
    return unless("needs root, for a network of its own");
  const auto can
    = probe_gateway(std::filesystem::temp_directory_path().string(), {})
        .proxies;
  return unless(can.state == ability::level::missing ? can.reason : "");
}

/// Before the daemon, which is told of it.
struct zone_place {
  scratch_folder zones = {};
};

/// A daemon that is a gateway, in a network of its own with a house behind it.
struct gateway_town : own_network, zone_place, process_town {
  explicit gateway_town(const std::string& more = {})
    : process_town{"[gateway]\nhttp_listen = \"" + std::string{gateway_address}
                   + ":80\"\ntls_listen = \"" + gateway_address
                   + ":443\"\nzone_folder = \"" + zones.path()
                   + "\"\nname_servers = [\"ns1.example.net\"]\n"
                     "domains = [\"gateway.example\"]\n"
                   + more} {}

  ~gateway_town() {
    node.signal(SIGKILL);
    node.wait();
    for (const auto* id : {"nginx", "router"})
      BOOST_CHECK(!processes().remove(id));
    std::error_code ignored;
    std::filesystem::remove_all(
      "/run/provisiond-" + text_digest(explorer->node_id()), ignored);
  }

  supervised_processes processes() const {
    return supervised_processes::open(node.data_dir() + "/gateway/processes",
                                      find_shim().value())
      .value();
  }

  /// By the user of the explorer, for the node.
  std::string sealed(const std::string& text) const {
    return sealed_by_user(text, explorer->node_id());
  }

  template <class Content>
  std::int64_t reserve(const std::string& type, const Content& what) {
    auto w = explorer->golden(type);
    w.content = what;
    return explorer->create(w);
  }

  bool is_served(std::int64_t id) const {
    return eventually([&] { return runs(id); });
  }

  /// The one result that was sent for it.
  documents::workload_result result_of(std::int64_t id) const {
    const auto sent = [&] { return explorer->bodies(gwid(id)); };
    BOOST_REQUIRE(eventually([&] { return !sent().empty(); }));
    BOOST_CHECK_EQUAL(sent().size(), 1);
    return json::read_workload_result(*sent().begin()).value();
  }

  void go(std::int64_t id) {
    explorer->cancel(id);
    BOOST_REQUIRE_MESSAGE(
      eventually([&] { return is_told("deleted " + gwid(id)); }), node.log());
  }

  std::string zone(const std::string& domain) const {
    return shim::read_small(zones.path() + '/' + domain + ".zone");
  }

  bool logs(const std::string& text) const {
    return node.log().find(text) != std::string::npos;
  }

  void kill() {
    node.signal(SIGKILL);
    BOOST_REQUIRE(node.wait());
  }

  house behind = {};
};

struct isolated_gateway_town : gateway_town {
  isolated_gateway_town()
    : gateway_town{
      isolating({"proxy", "reverse_proxy", "subdomain", "domain_delegate"})} {}
};

const documents::proxy the_proxy{"www.example.com", house_address, 8080, 8443};

void is_passed_on() {
  says(http_get("www.example.com"), "Host: www.example.com\r\n");
  says(https_get("www.example.com"), "opened by the house for www.example.com");
}

} // namespace
} // namespace gateway_journey_test

BOOST_FIXTURE_TEST_SUITE(gateway_journey_test, gateway_town,
                         *boost::unit_test::precondition(gateways_are_possible))

BOOST_AUTO_TEST_CASE(a_proxy_outlives_the_daemon_and_goes_without_trace) {
  start();
  const auto id = reserve("proxy", the_proxy);
  BOOST_REQUIRE_MESSAGE(is_served(id), node.log());
  const auto told = result_of(id);
  BOOST_CHECK_EQUAL(told.category, 5);
  BOOST_CHECK_EQUAL(told.data_json, "null");
  is_passed_on();
  const auto before = processes().look("nginx").pid;
  BOOST_REQUIRE_GT(before, 0);
  kill();
  // Nobody watches it, and it serves on.
  is_passed_on();
  start();
  BOOST_CHECK_EQUAL(processes().look("nginx").pid, before);
  is_passed_on();
  kill();
  // As if the host had been switched off.
  BOOST_REQUIRE(!processes().stop("nginx"));
  BOOST_CHECK_EQUAL(http_get("www.example.com"), "nobody listens");
  start();
  BOOST_CHECK(eventually([] {
    return http_get("www.example.com").find("200 OK") != std::string::npos;
  }));
  is_passed_on();
  go(id);
  BOOST_CHECK_EQUAL(http_get("www.example.com"), "nobody listens");
  BOOST_CHECK(processes().ids().value().empty());
  stop();
}

BOOST_AUTO_TEST_CASE(a_client_that_dials_in_gets_the_visitors_of_its_domain) {
  start();
  const auto id = reserve(
    "reverse_proxy",
    documents::reverse_proxy{"www.example.com", sealed("7:open sesame")});
  BOOST_REQUIRE_MESSAGE(is_served(id), node.log());
  BOOST_CHECK_EQUAL(result_of(id).category, 6);
  const tunnel_client client{"7:open sesame"};
  BOOST_CHECK(eventually([] {
    return http_get("www.example.com").find("200 OK") != std::string::npos;
  }));
  is_passed_on();
  kill();
  // The client is not cut off when nobody watches.
  is_passed_on();
  start();
  is_passed_on();
  go(id);
  BOOST_CHECK(!connect_to(gateway_address, 18000));
  BOOST_CHECK(processes().ids().value().empty());
  stop();
  BOOST_CHECK(node.log().find("sesame") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(nginx_that_dies_is_brought_back) {
  start();
  const auto id = reserve("proxy", the_proxy);
  BOOST_REQUIRE_MESSAGE(is_served(id), node.log());
  BOOST_REQUIRE(!processes().stop("nginx"));
  BOOST_CHECK_MESSAGE(eventually([&] { return logs("nginx restored"); }),
                      node.log());
  is_passed_on();
  go(id);
  stop();
}

BOOST_AUTO_TEST_CASE(a_domain_is_delegated_named_in_and_given_back) {
  start();
  const auto domain
    = reserve("domain_delegate", documents::domain_delegate{"example.com"});
  const auto name = reserve(
    "subdomain",
    documents::subdomain{"a.example.com",
                         std::vector<std::string>{"192.0.2.5", "2001:db8::5"}});
  BOOST_REQUIRE_MESSAGE(is_served(domain) && is_served(name), node.log());
  BOOST_CHECK_EQUAL(result_of(domain).category, 8);
  BOOST_CHECK_EQUAL(result_of(name).category, 7);
  says(zone("example.com"), "a.example.com. 3600 IN A 192.0.2.5\n");
  says(zone("example.com"), "a.example.com. 3600 IN AAAA 2001:db8::5\n");
  says(zone("gateway.example"), "gateway.example. IN NS ns1.example.net.\n");
  if (const auto checker = find_program("named-checkzone", "bind9-utils")) {
    const auto read
      = provision::run({.program = *checker,
                        .arguments = {"-i", "local", "example.com",
                                      zones.path() + "/example.com.zone"}});
    BOOST_CHECK_MESSAGE(read, (read ? "" : read.error().message));
  }
  go(name);
  BOOST_CHECK(zone("example.com").find("a.example.com") == std::string::npos);
  go(domain);
  BOOST_CHECK_EQUAL(zone("example.com"), "");
  stop();
}

BOOST_AUTO_TEST_CASE(what_cannot_be_served_is_refused_with_its_reason) {
  start();
  const auto good = reserve("proxy", the_proxy);
  BOOST_REQUIRE_MESSAGE(is_served(good), node.log());
  const auto refused
    = [&](std::int64_t id, int category, const std::string& why) {
        const auto told = result_of(id);
        BOOST_CHECK_EQUAL(told.category, category);
        BOOST_CHECK(told.state == result_state::error);
        says(told.message, why);
      };
  auto hostile = the_proxy;
  hostile.domain = "a.example; } server { listen 203.0.113.1:81";
  refused(reserve("proxy", hostile), 5, "domain: is no domain name");
  refused(reserve("subdomain",
                  documents::subdomain{"a.example.org",
                                       std::vector<std::string>{"192.0.2.5"}}),
          7, "is in none that is delegated to this node");
  refused(
    reserve("domain_delegate", documents::domain_delegate{"gateway.example"}),
    8, "which is the node's own");
  refused(reserve("reverse_proxy",
                  documents::reverse_proxy{"back.example.com", "00aa"}),
          6, "secret: ");
  refused(reserve("reverse_proxy",
                  documents::reverse_proxy{"back.example.com",
                                           sealed("8:another user's")}),
          6, "secret: is not \"7:\" and something behind it");
  refused(
    reserve("gateway4to6",
            documents::gateway4to6{"0t11OkPwUBPe6m6wL6JTVzJHNjjReBJbEcnSZPs+"
                                   "pFo="}),
    9, "gateway.ipv6_bridge is not set");
  is_passed_on();
  BOOST_CHECK_EQUAL(http_get("www.example.com", 81), "nobody listens");
  go(good);
  stop();
}

BOOST_FIXTURE_TEST_CASE(four_workers_share_a_gateway_and_one_dies_alone,
                        isolated_gateway_town) {
  start();
  const auto proxy = reserve("proxy", the_proxy);
  const auto dialled = reserve(
    "reverse_proxy",
    documents::reverse_proxy{"back.example.com", sealed("7:open sesame")});
  const auto domain
    = reserve("domain_delegate", documents::domain_delegate{"example.com"});
  const auto name = reserve(
    "subdomain", documents::subdomain{"a.example.com",
                                      std::vector<std::string>{"192.0.2.5"}});
  for (const auto id : {proxy, dialled, domain, name})
    BOOST_REQUIRE_MESSAGE(is_served(id), node.log());
  is_passed_on();
  says(zone("example.com"), "a.example.com. 3600 IN A 192.0.2.5\n");
  const auto server = processes().look("nginx").pid;
  std::int64_t victim = 0;
  auto other = the_proxy;
  other.domain = "other.example.com";
  const auto held = hold_worker(node, "proxy");
  victim = reserve("proxy", other);
  await_call(node, gwid(victim));
  ::kill(held, SIGKILL);
  BOOST_REQUIRE(eventually([&] { return is_told("result " + gwid(victim)); }));
  says(explorer->find(victim).result.message,
       "worker for proxy was killed by signal 9");
  BOOST_CHECK_EQUAL(processes().look("nginx").pid, server);
  is_passed_on();
  BOOST_REQUIRE(!processes().stop("nginx"));
  BOOST_CHECK_MESSAGE(eventually([&] { return logs("nginx restored"); }),
                      node.log());
  for (const auto id : {name, domain, dialled, proxy})
    go(id);
  BOOST_CHECK(processes().ids().value().empty());
  BOOST_CHECK_EQUAL(zone("example.com"), "");
  stop();
  BOOST_CHECK(!logs("sesame"));
}

BOOST_AUTO_TEST_SUITE_END()
