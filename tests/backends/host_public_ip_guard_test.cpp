#include "tests/backends/public_ip_under_test.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_public_ip_guard_test,
                      *boost::unit_test::precondition(public_ips_are_possible))

BOOST_FIXTURE_TEST_CASE(lets_legitimate_traffic_pass, machine_on_bridge) {
  BOOST_CHECK(passes4(own_ip, udp(1000, 53, "question")));
  BOOST_CHECK(passes(frame(own_mac, 0x0806, arp(1, own_mac, own_ip, gateway))));
  BOOST_CHECK(passes(frame(own_mac, 0x0806, arp(2, own_mac, own_ip, gateway))));
  // Before it takes its address it asks whether anybody has it.
  BOOST_CHECK(
    passes(frame(own_mac, 0x0806, arp(1, own_mac, "0.0.0.0", own_ip))));
  // From outside everything comes, also what only routers say.
  world->send(frame(mac_of(gateway), 0x0800,
                    ipv4(gateway, own_ip, udp(67, 68, "offer"))));
  BOOST_CHECK(machine->hears("offer"));
}

BOOST_FIXTURE_TEST_CASE(lets_its_own_ipv6_addresses_pass, machine_on_bridge) {
  const auto link_local = ipv6_of("fe80::");
  const auto global = ipv6_of("2001:db8:1:2::");
  BOOST_CHECK(passes6(link_local, 58, icmpv6(133)));
  BOOST_CHECK(passes6(global, 17, udp(1000, 53, "question")));
  BOOST_CHECK(passes6(global, 58, icmpv6(136, global)));
  BOOST_CHECK(passes6(link_local, 58, icmpv6(135, everybody6)));
  // Before it has an address.
  BOOST_CHECK(passes6("::", 58, icmpv6(133)));
  BOOST_CHECK(passes6("::", 58, icmpv6(135, global)));
}

BOOST_FIXTURE_TEST_CASE(blocks_an_added_address, machine_on_bridge) {
  BOOST_CHECK(!passes4("192.0.2.11", udp(1000, 53, "question")));
  BOOST_CHECK(!passes4(gateway, udp(1000, 53, "question")));
  BOOST_CHECK(
    !passes(frame(own_mac, 0x0806, arp(2, own_mac, gateway, own_ip))));
  BOOST_CHECK(
    !passes(frame(own_mac, 0x0806, arp(1, own_mac, "192.0.2.11", gateway))));
  // To claim another's address by asking for it.
  BOOST_CHECK(
    !passes(frame(own_mac, 0x0806, arp(1, own_mac, "0.0.0.0", gateway))));
}

BOOST_FIXTURE_TEST_CASE(blocks_a_changed_hardware_address, machine_on_bridge) {
  const std::string other = "02:00:00:00:00:01";
  BOOST_CHECK(!passes(
    frame(other, 0x0800, ipv4(own_ip, gateway, udp(1000, 53, "question")))));
  BOOST_CHECK(!passes(frame(other, 0x0806, arp(2, own_mac, own_ip, gateway))));
  // Inside the frame it lies, too.
  BOOST_CHECK(!passes(frame(own_mac, 0x0806, arp(2, other, own_ip, gateway))));
}

BOOST_FIXTURE_TEST_CASE(blocks_rogue_dhcp_servers_and_routers,
                        machine_on_bridge) {
  const auto link_local = ipv6_of("fe80::");
  BOOST_CHECK(!passes4(own_ip, udp(67, 68, "offer")));
  BOOST_CHECK(!passes6(link_local, 17, udp(547, 546, "offer")));
  BOOST_CHECK(!passes6(link_local, 58, icmpv6(134)));
  BOOST_CHECK(!passes6(link_local, 58, icmpv6(137, everybody6)));
}

BOOST_FIXTURE_TEST_CASE(blocks_foreign_ipv6_addresses, machine_on_bridge) {
  BOOST_CHECK(!passes6("2001:db8::1", 17, udp(1000, 53, "question")));
  BOOST_CHECK(!passes6("fe80::1", 58, icmpv6(135, everybody6)));
  // Under its own name it speaks of another's.
  BOOST_CHECK(!passes6(ipv6_of("fe80::"), 58, icmpv6(136, "fe80::1")));
  BOOST_CHECK(!passes6("::", 58, icmpv6(135, "fe80::1")));
  BOOST_CHECK(!passes6("::", 17, udp(1000, 53, "question")));
}

BOOST_FIXTURE_TEST_CASE(blocks_every_other_protocol, machine_on_bridge) {
  // PPPoE, and IPv4 inside a virtual network of its own.
  BOOST_CHECK(!passes(frame(own_mac, 0x8863, "discovery")));
  BOOST_CHECK(
    !passes(frame(own_mac, 0x8100,
                  word(7) + word(0x0800)
                    + ipv4(own_ip, gateway, udp(1000, 53, "question")))));
}

BOOST_FIXTURE_TEST_CASE(holds_ipv6_to_the_network_of_the_node, public_host) {
  auto wanted = options();
  wanted.ipv6_network = workloads::parse_ip("2001:db8:1:2::").value();
  const auto backend = open(std::move(wanted));
  add_machine("103-1");
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  BOOST_REQUIRE(backend->attach("42-1", "103-1"));
  const card machine{space_of("103-1"), public_tap};
  const ear world{outside(), "wire"};
  connect(
    machine, world,
    frame(mac_of(own_ip), 0x0806, arp(1, mac_of(own_ip), own_ip, gateway)));
  const auto send = [&](const std::string& network, const std::string& what) {
    machine.send(
      frame(mac_of(own_ip), 0x86dd,
            ipv6(ipv6_of(network), everybody6, 17, udp(1000, 53, what))));
  };
  send("2001:db8:9:9::", "elsewhere");
  send("2001:db8:1:2::", "here");
  const auto heard = world.until("here");
  BOOST_CHECK(!heard.empty());
  BOOST_CHECK(heard.find("elsewhere") == std::string::npos);
  BOOST_CHECK(!backend->destroy("42-1"));
}

BOOST_AUTO_TEST_SUITE_END()
