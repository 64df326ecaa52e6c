#include <boost/test/unit_test.hpp>

#include <signal.h>

#include "backends/host/ipv6_gateway_probe.hpp"
#include "backends/host/ipv6_router.hpp"
#include "messages/json/json.hpp"
#include "shim/small_file.hpp"
#include "tests/backends/ipv6_client.hpp"
#include "tests/journeys/process_town.hpp"
#include "tests/journeys/workers.hpp"
#include "tests/support/gateway_town.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"
#include "tests/support/unless.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace gateway4to6_journey_test {
namespace {

boost::test_tools::assertion_result
a_way_is_possible(boost::unit_test::test_unit_id) {
  // Whatever bridge there is: the fixture brings its own.
  const auto can = probe_ipv6_gateway({}, {}).ability;
  return unless(can.remedy.find("gateway.ipv6_bridge") != std::string::npos
                  ? ""
                  : "needs a way into IPv6: " + can.reason);
}

/// Before the daemon, which is told of it.
struct bridge_place : own_network {
  bridge_place() {
    ip_in_this_thread({"link", "add", "ext0", "type", "bridge"});
    ip_in_this_thread({"link", "set", "ext0", "up"});
  }
};

constexpr auto a_way = "[gateway]\nipv6_bridge = \"ext0\"\n"
                       "ipv6_address = \"2001:db8:1:2::5/64\"\n"
                       "ipv6_router = \"fe80::1\"\n"
                       "ipv6_network = \"2001:db8:1:2::/64\"\n"
                       "ipv6_endpoint = \"192.0.2.1:51820\"\n";

struct ipv6_town : bridge_place, process_town {
  explicit ipv6_town(const std::string& more = {})
    : process_town{a_way + more} {}

  ~ipv6_town() {
    node.signal(SIGKILL);
    node.wait();
    BOOST_CHECK(!router().tear_down());
  }

  ipv6_router router() const {
    return {tools, ipv6_gateway_names{explorer->node_id()}, {}, no_hook};
  }

  std::int64_t reserve(const std::string& key) {
    auto w = explorer->golden("gateway4to6");
    w.content = documents::gateway4to6{key};
    return explorer->create(w);
  }

  std::string told(std::int64_t id) const {
    const auto sent = [&] { return explorer->bodies(gwid(id)); };
    BOOST_REQUIRE_MESSAGE(eventually([&] { return !sent().empty(); }),
                          node.log());
    BOOST_CHECK_EQUAL(sent().size(), 1);
    const auto result = json::read_workload_result(*sent().begin()).value();
    BOOST_CHECK_EQUAL(result.category, 9);
    return result.data_json + result.message;
  }

  bool logs(const std::string& text) const {
    return eventually(
      [&] { return node.log().find(text) != std::string::npos; });
  }

  const network_tools tools = probe_network().tools;
  const step_hook no_hook = {};
};

struct isolated_ipv6_town : ipv6_town {
  isolated_ipv6_town() : ipv6_town{isolating({"gateway4to6"})} {}

  int tunnel() const { return tunnel_process(router().tunnel()).value_or(0); }
};

/// A host of the internet, on the operator's bridge.
class far_host {
public:
  static constexpr auto address = "2001:db8:1:2::1";

  far_host() {
    ip_in_this_thread({"netns", "add", space});
    ip_in_this_thread({"link", "add", "ext1", "type", "veth", "peer", "name",
                       "wire", "netns", space});
    ip_in_this_thread({"link", "set", "ext1", "master", "ext0", "up"});
    ip_in_this_thread({"-n", space, "address", "add",
                       std::string{address} + "/64", "dev", "wire", "nodad"});
    ip_in_this_thread({"-n", space, "link", "set", "wire", "up"});
    // Where clients call.
    ip_in_this_thread({"address", "add", "192.0.2.1/32", "dev", "lo"});
  }
  ~far_host() { ip_in_this_thread({"netns", "delete", space}); }
  far_host(const far_host&) = delete;
  far_host& operator=(const far_host&) = delete;

  const std::string space = "provision-far-" + std::to_string(::getpid());
};

std::string between(const std::string& text, const std::string& left,
                    const std::string& right) {
  const auto begin = text.find(left) + left.size();
  return text.substr(begin, text.find(right, begin) - begin);
}

ipv6_client_terms terms_of(const std::string& answer) {
  return {.address = between(answer, R"("ips":[")", "\""),
          .gateway_key = between(answer, R"("public_key":")", "\""),
          .endpoint = between(answer, R"("endpoint":")", "\""),
          .reach = between(answer, R"("allowed_ips":[")", "\"")};
}

constexpr auto a_key = "0t11OkPwUBPe6m6wL6JTVzJHNjjReBJbEcnSZPs+pFo=";

} // namespace
} // namespace gateway4to6_journey_test

BOOST_FIXTURE_TEST_SUITE(gateway4to6_journey_test, ipv6_town,
                         *boost::unit_test::precondition(a_way_is_possible))

BOOST_AUTO_TEST_CASE(a_client_is_led_on_whatever_becomes_of_the_daemon) {
  start();
  const auto id = reserve(a_key);
  const auto answer = told(id);
  says(answer, R"({"ips":["2001:db8:1:2:)");
  says(answer, R"("allowed_ips":["2000::/3"],"endpoint":"192.0.2.1:51820"}]})");
  BOOST_CHECK(runs(id));
  BOOST_CHECK(router().look() == presence::present);
  says(told(reserve("nonsense")), "public_key: ");
  says(told(reserve(a_key)), "public_key: another reservation has it");
  node.signal(SIGKILL);
  BOOST_REQUIRE(node.wait());
  BOOST_CHECK(router().look() == presence::present);
  // As if the host had been switched off.
  BOOST_REQUIRE(!router().tear_down());
  start();
  BOOST_CHECK_MESSAGE(logs("the way into the IPv6 internet is restored"),
                      node.log());
  BOOST_CHECK(router().look() == presence::present);
  explorer->cancel(id);
  BOOST_CHECK_MESSAGE(
    eventually([&] { return is_told("deleted " + gwid(id)); }), node.log());
  BOOST_CHECK(router().look() == presence::absent);
  stop();
  // Only the node's own key stays: it is what clients knew it by.
  const auto key = shim::read_small(node.data_dir() + "/gateway4to6/key");
  BOOST_CHECK(!key.empty());
  BOOST_CHECK(node.log().find(key) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_that_nobody_leads_any_more_goes_once_somebody_does) {
  start();
  const auto id = reserve(a_key);
  says(told(id), "2000::/3");
  stop();
  conf = node.configure(explorer->url());
  start();
  BOOST_CHECK_MESSAGE(logs("this host leads nobody into the IPv6 internet: "
                           "gateway.ipv6_bridge is not set"),
                      node.log());
  explorer->cancel(id);
  BOOST_CHECK_MESSAGE(
    logs("cannot take it down: gateway.ipv6_bridge is not set"), node.log());
  BOOST_CHECK(!is_told("deleted " + gwid(id)));
  BOOST_CHECK(router().look() == presence::present);
  stop();
  conf = node.configure(explorer->url(), a_way);
  start();
  BOOST_CHECK_MESSAGE(
    eventually([&] { return is_told("deleted " + gwid(id)); }), node.log());
  BOOST_CHECK(router().look() == presence::absent);
  stop();
}

BOOST_FIXTURE_TEST_CASE(a_killed_worker_costs_one_client_and_no_tunnel,
                        isolated_ipv6_town) {
  const far_host internet;
  start();
  ipv6_client client{tools, {}, "x"};
  const auto id = reserve(client.keys.shown);
  const auto terms = terms_of(told(id));
  client.set_up(terms);
  const ipv6_visitor there{internet.space, far_host::address};
  const auto is_led_on = [&] {
    const ipv6_visitor here{client.space(),
                            terms.address.substr(0, terms.address.find('/'))};
    return here.reaches(there, far_host::address);
  };
  BOOST_REQUIRE_MESSAGE(is_led_on(), node.log());
  const auto process = tunnel();
  const auto held = hold_worker(node, "gateway4to6");
  const auto victim = reserve(tunnel_keys{}.shown);
  await_call(node, gwid(victim));
  ::kill(held, SIGKILL);
  says(told(victim), "worker for gateway4to6 was killed by signal 9");
  BOOST_CHECK(is_led_on());
  BOOST_CHECK_EQUAL(tunnel(), process);
  // The next one takes up where it ended.
  const auto next = reserve(tunnel_keys{}.shown);
  says(told(next), R"({"ips":["2001:db8:1:2:)");
  BOOST_CHECK(is_led_on());
  // What workers made is kept up by the daemon.
  if (process != 0) {
    ::kill(process, SIGKILL);
    BOOST_CHECK_MESSAGE(logs("the way into the IPv6 internet is restored"),
                        node.log());
    client.set_up_again(terms);
    BOOST_CHECK(is_led_on());
  }
  for (const auto one : {id, next}) {
    explorer->cancel(one);
    BOOST_CHECK_MESSAGE(
      eventually([&] { return is_told("deleted " + gwid(one)); }), node.log());
  }
  BOOST_CHECK(router().look() == presence::absent);
  BOOST_CHECK_EQUAL(tunnel(), 0);
  stop();
  const auto key = shim::read_small(node.data_dir() + "/gateway4to6/key");
  BOOST_CHECK(node.log().find(key) == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
