#pragma once

#include <functional>
#include <memory>
#include <string>

#include "backends/host/host_public_ip_backend.hpp"
#include "messages/hardware_address.hpp"
#include "tests/backends/ethernet.hpp"
#include "tests/backends/public_host.hpp"

namespace provision::test {

using namespace ethernet;

inline constexpr auto own_ip = "192.0.2.10";
inline constexpr auto gateway = "192.0.2.1";
inline constexpr auto everybody6 = "ff02::1";

inline std::string mac_of(const std::string& address) {
  return to_string(hardware_address_of(workloads::parse_ip(address).value()));
}

inline std::string ipv6_of(const std::string& network,
                           const std::string& address = own_ip) {
  return to_string(
    predicted_ipv6(workloads::parse_ip(network).value(),
                   hardware_address_of(workloads::parse_ip(address).value())));
}

inline bool is_present(public_ip_backend& backend,
                       const std::string& id = "42-1") {
  const auto facts = backend.inspect(id);
  BOOST_TEST_INFO(facts.reason);
  return facts.state == presence::present;
}

/// Address 42-1 at machine 103-1, which is no more than a card.
struct machine_on_bridge : public_host {
  machine_on_bridge() {
    add_machine("103-1");
    BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
    const auto attached = backend->attach("42-1", "103-1");
    BOOST_REQUIRE_MESSAGE(attached, why(attached));
    terms = *attached;
    machine = std::make_unique<card>(space_of("103-1"), public_tap);
    world = std::make_unique<ear>(outside(), "wire");
    connect(*machine, *world, hello());
  }

  std::string hello() const {
    return frame(own_mac, 0x0806, arp(1, own_mac, own_ip, gateway));
  }

  /// Whether this frame gets outside: a legitimate one follows it.
  bool passes(const std::string& bytes) {
    const auto last = "last " + std::to_string(++turn_) + ';';
    machine->send(bytes);
    machine->send(
      frame(own_mac, 0x0800, ipv4(own_ip, gateway, udp(1000, 2000, last))));
    const auto heard = world->until(last);
    BOOST_REQUIRE_MESSAGE(!heard.empty(), "nothing legitimate arrives");
    return heard.find(bytes) != std::string::npos;
  }

  bool passes4(const std::string& from, const std::string& content) {
    return passes(frame(own_mac, 0x0800, ipv4(from, gateway, content)));
  }

  bool passes6(const std::string& from, char next, const std::string& content) {
    return passes(
      frame(own_mac, 0x86dd, ipv6(from, everybody6, next, content)));
  }

  std::unique_ptr<host_public_ip_backend> backend = open();
  public_terms terms;
  std::unique_ptr<card> machine;
  std::unique_ptr<ear> world;
  const std::string own_mac = mac_of(own_ip);

private:
  int turn_ = 0;
};

/// Breaks `action` off at its first, second, ... step until it gets through,
/// as a crash does.
inline void break_everywhere(
  const public_host& host,
  const std::function<error(host_public_ip_backend&)>& action,
  const std::function<void(host_public_ip_backend&)>& afterwards) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 30);
    steps counted{passed};
    const auto broken = action(*host.open(counted.hook()));
    BOOST_TEST_CONTEXT("after " << passed << " steps: " << why_not(broken)) {
      afterwards(*host.open());
    }
    if (!broken)
      return;
  }
}

} // namespace provision::test
