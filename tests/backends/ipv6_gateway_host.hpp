#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/host/host_ipv6_gateway_backend.hpp"
#include "backends/host/ipv6_gateway_probe.hpp"
#include "backends/host/named_space.hpp"
#include "tests/backends/ipv6_client.hpp"
#include "tests/backends/network_host.hpp"
#include "tests/support/unless.hpp"
#include "tests/support/why_not.hpp"

namespace provision::test {

/// Whether tunnels into the IPv6 internet can be made here; says so if not.
inline boost::test_tools::assertion_result
ipv6_gateways_are_possible(boost::unit_test::test_unit_id) {
  // Whatever bridge there is: the tests bring their own.
  const auto can = probe_ipv6_gateway({}, {}).ability;
  return unless(can.remedy.find("gateway.ipv6_bridge") != std::string::npos
                  ? ""
                  : "needs a way into IPv6: " + can.reason);
}

/// Bytes that a test can foretell.
class plain_entropy final : public entropy {
public:
  secret draw(std::size_t size) override {
    return secret{std::string(size, 'k')};
  }
};

/// Node "a" of a network_host with an operator's bridge "ext0" in its underlay,
/// and on that a host of the internet, "wire" in a namespace, which is the way
/// out, too. Clients live in node "b"'s underlay.
class ipv6_gateway_host : public network_host {
public:
  static constexpr auto far_address = "2001:db8:1:2::1";

  ipv6_gateway_host() {
    ip({"netns", "add", outside()});
    ip({"-n", underlay("a"), "link", "add", "ext0", "type", "bridge",
        "mcast_snooping", "0"});
    ip({"-n", underlay("a"), "link", "add", "ext1", "type", "veth", "peer",
        "name", "wire", "netns", outside()});
    ip({"-n", underlay("a"), "link", "set", "ext1", "master", "ext0"});
    for (const auto* link : {"ext1", "ext0"})
      ip({"-n", underlay("a"), "link", "set", link, "up"});
    ip({"-n", outside(), "address", "add", std::string{far_address} + "/64",
        "dev", "wire", "nodad"});
    ip({"-n", outside(), "link", "set", "wire", "up"});
  }

  ~ipv6_gateway_host() {
    const auto backend = open();
    const auto all = backend->list().value();
    for (const auto& one : all)
      BOOST_CHECK_EQUAL(why_not(backend->destroy(one.id)), "");
    BOOST_CHECK_EQUAL(traces(), "");
    ip({"-n", underlay("a"), "link", "delete", "ext1"});
    ip({"-n", underlay("a"), "link", "delete", "ext0"});
    ip({"netns", "delete", outside()});
  }

  std::string outside() const { return underlay("a") + "-outside"; }

  static ipv6_gateway_names own_names() {
    return ipv6_gateway_names{node_id("a")};
  }

  /// Clients are neighbours of the router's, which answers for them.
  static ipv6_gateway_terms terms() {
    return {.bridge = "ext0",
            .address = range("2001:db8:1:2::5/64"),
            .router = address(far_address),
            .network = range("2001:db8:1:2::/64"),
            .endpoint = "192.0.2.1:41006",
            .port = 41006};
  }

  host_ipv6_gateway_options options(step_hook before_step = {}) const {
    return {.node_id = node_id("a"),
            .folder = folder + "/clients",
            .underlay = underlay("a"),
            .terms = terms(),
            .tools = tools,
            .random = std::make_shared<plain_entropy>(),
            .before_step = std::move(before_step)};
  }

  std::unique_ptr<host_ipv6_gateway_backend>
  open(host_ipv6_gateway_options options) const {
    auto opened = host_ipv6_gateway_backend::open(std::move(options));
    BOOST_REQUIRE(opened);
    return std::move(*opened);
  }

  std::unique_ptr<host_ipv6_gateway_backend> open(step_hook before_step
                                                  = {}) const {
    return open(options(std::move(before_step)));
  }

  static std::string a_key() { return tunnel_keys{}.shown; }

  static std::string bare(const std::string& address) {
    return address.substr(0, address.find('/'));
  }

  static bool is_present(ipv6_gateway_backend& all,
                         const std::string& id = "110-1") {
    const auto facts = all.inspect(id);
    BOOST_TEST_INFO(facts.reason);
    return facts.state == presence::present;
  }

  /// What the host has of the router; empty if nothing.
  std::string traces() const {
    std::string result;
    if (net_space::look(own_names().space) != presence::absent)
      result += "namespace ";
    if (inside(underlay("a"), tools.ip, {"-o", "link", "show"})
          .find(own_names().port)
        != std::string::npos)
      result += "port ";
    if (std::filesystem::exists("/var/run/wireguard/" + own_names().tunnel
                                + ".sock"))
      result += "tunnel ";
    return result;
  }
};

} // namespace provision::test
