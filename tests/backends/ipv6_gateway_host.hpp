#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "backends/host/host_ipv6_gateway_backend.hpp"
#include "backends/host/ipv6_gateway_probe.hpp"
#include "backends/host/named_space.hpp"
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
/// out, too. Node "b" is where clients live.
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

/// A computer in node "b"'s underlay that has set up what it was told.
class ipv6_client {
public:
  ipv6_client(const ipv6_gateway_host& host, std::string name)
    : host_{host}, space_{ipv6_gateway_host::underlay("b") + '-' + name},
      tunnel_{.name = "c" + name + std::to_string(::getpid() % 10000),
              .underlay = ipv6_gateway_host::underlay("b"),
              .router = space_} {
    host_.ip({"netns", "add", space_});
    BOOST_REQUIRE(!make_tunnel(host_.tools, tunnel_));
  }

  ~ipv6_client() {
    BOOST_CHECK(!remove_tunnel(host_.tools, tunnel_));
    host_.ip({"netns", "delete", space_});
  }

  ipv6_client(const ipv6_client&) = delete;
  ipv6_client& operator=(const ipv6_client&) = delete;

  void set_up(const ipv6_client_terms& terms) {
    const auto failed = configure_tunnel(
      host_.tools, tunnel_,
      secret{"[Interface]\nPrivateKey = " + keys.own + "\n[Peer]\nPublicKey = "
             + terms.gateway_key + "\nAllowedIPs = " + terms.reach
             + "\nEndpoint = " + terms.endpoint + '\n'});
    BOOST_REQUIRE_EQUAL(why_not(failed), "");
    use(terms.address);
    host_.ip({"-n", space_, "link", "set", tunnel_.name, "up"});
    host_.ip(
      {"-n", space_, "route", "replace", terms.reach, "dev", tunnel_.name});
  }

  /// As if it had been switched off and on: a session that nobody else knows
  /// any more would be clung to for a quarter of a minute.
  void set_up_again(const ipv6_client_terms& terms) {
    BOOST_REQUIRE(!make_tunnel(host_.tools, tunnel_));
    set_up(terms);
  }

  /// Has one more address.
  void use(const std::string& address) const {
    host_.ip({"-n", space_, "address", "replace", address, "dev", tunnel_.name,
              "nodad"});
  }

  const std::string& space() const { return space_; }

  tunnel_keys keys = {};

private:
  const ipv6_gateway_host& host_;
  std::string space_;
  tunnel_place tunnel_;
};

/// A UDP socket inside a namespace, at an IPv6 address.
class ipv6_visitor {
public:
  ipv6_visitor(const std::string& space, const std::string& own) {
    const auto failed = net_space::visit(space, [&] {
      socket_
        = file_descriptor{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
      const auto at = name(own);
      bound_ = ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&at),
                      sizeof at)
               == 0;
    });
    BOOST_CHECK_MESSAGE(!failed && bound_, "cannot have " + own);
  }

  /// Whether a message to `other`, which is at `there`, arrives in time.
  bool reaches(const ipv6_visitor& other, const std::string& there,
               int turns = 100) const {
    // Of its own: earlier ones may arrive late.
    static int messages = 0;
    const auto said = "message " + std::to_string(++messages);
    const auto to = name(there);
    // The first packets may be lost while a tunnel shakes hands.
    for (; turns > 0; --turns) {
      ::sendto(socket_.number(), said.data(), said.size(), 0,
               reinterpret_cast<const sockaddr*>(&to), sizeof to);
      if (other.hears(said))
        return true;
    }
    return false;
  }

private:
  /// Within a tenth of a second after the last message.
  bool hears(const std::string& wanted) const {
    std::array<char, 64> heard{};
    for (pollfd event{socket_.number(), POLLIN, 0};
         ::poll(&event, 1, 100) == 1;) {
      const auto size = ::recv(socket_.number(), heard.data(), heard.size(), 0);
      if (size >= 0
          && wanted
               == std::string_view{heard.data(),
                                   static_cast<std::size_t>(size)})
        return true;
    }
    return false;
  }

  static sockaddr_in6 name(const std::string& text) {
    sockaddr_in6 result = {};
    result.sin6_family = AF_INET6;
    result.sin6_port = htons(7777);
    ::inet_pton(AF_INET6, text.c_str(), &result.sin6_addr);
    return result;
  }

  file_descriptor socket_;
  bool bound_ = false;
};

} // namespace provision::test
