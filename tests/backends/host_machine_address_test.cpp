#include "backends/host/host_machine_backend.hpp"

#include "messages/hardware_address.hpp"
#include "tests/backends/machine_words.hpp"
#include "tests/backends/public_host.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_machine_address_test,
                      *boost::unit_test::precondition(machines_are_possible))

namespace {

/// The bridge outlives the machines that are on it.
struct public_network {
  public_bridge_host bridge;
};

/// Machines on a node that has public addresses; 42-1 is 192.0.2.10.
struct public_machine_host : public_network, machine_host {
  public_machine_host() {
    open_addresses();
    BOOST_REQUIRE_EQUAL(why_not(addresses->ensure(address_order())), "");
  }

  ~public_machine_host() {
    BOOST_CHECK_EQUAL(why_not(addresses->destroy("42-1")), "");
    BOOST_CHECK(bridge.links().find("pp") == std::string::npos);
    BOOST_CHECK_EQUAL(bridge.ruleset(), "");
  }

  void open_addresses() {
    auto opened = host_public_ip_backend::open(
      {.place = {.node_id = network_host::node_id("a"),
                 .space = bridge.space(),
                 .bridge = "pub0"},
       .gateway = workloads::parse_ip("192.0.2.1").value(),
       .folder = folder + "/public",
       .tools = bridge.tools,
       .probe_patience = std::chrono::milliseconds{20}});
    BOOST_REQUIRE_MESSAGE(opened, why(opened));
    addresses = std::move(*opened);
    public_ips = addresses;
  }

  static public_ip_order address_order() {
    return {.id = "42-1", .address = public_range("192.0.2.10/24")};
  }

  static machine_order public_order() {
    auto wanted = order();
    wanted.public_ip = "42-1";
    return wanted;
  }

  std::shared_ptr<host_public_ip_backend> addresses;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(is_reached_at_its_public_address, public_machine_host) {
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(public_order())), "");
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console());
  const auto mac
    = to_string(hardware_address_of(workloads::parse_ip("192.0.2.10").value()));
  BOOST_CHECK_MESSAGE(holds(console(), "GUEST public_mac=" + mac + '\r'),
                      console());
  BOOST_CHECK(is_heard("hello from boot 1\n", "192.0.2.10", bridge.outside()));
  BOOST_CHECK_EQUAL(addresses->inspect("42-1").machine, "200-1");
  // The host was switched off, and somebody took the address away meanwhile.
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("200-1")), "");
  BOOST_REQUIRE_EQUAL(why_not(networks->detach("blue", "200-1")), "");
  BOOST_REQUIRE_EQUAL(why_not(addresses->destroy("42-1")), "");
  BOOST_CHECK_EQUAL(backend->restore("200-1").value(), true);
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 2"), console());
  BOOST_CHECK_EQUAL(heard_from("192.0.2.10", bridge.outside(), 1), "");
  BOOST_CHECK(is_heard("hello from boot 2\n", "10.1.2.5"));
}

BOOST_FIXTURE_TEST_CASE(gets_its_public_card_back_after_a_reboot,
                        public_machine_host) {
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(public_order())), "");
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 1"), console());
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("200-1")), "");
  BOOST_REQUIRE_EQUAL(why_not(networks->detach("blue", "200-1")), "");
  BOOST_CHECK_EQUAL(backend->restore("200-1").value(), true);
  BOOST_REQUIRE_MESSAGE(says("GUEST is up, boot 2"), console());
  BOOST_CHECK(is_heard("hello from boot 2\n", "192.0.2.10", bridge.outside()));
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("200-1")), "");
  BOOST_CHECK_EQUAL(addresses->inspect("42-1").machine, "");
  BOOST_CHECK(addresses->inspect("42-1").state == presence::present);
}

BOOST_FIXTURE_TEST_CASE(waits_for_its_public_address, public_machine_host) {
  const auto backend = open();
  auto wanted = public_order();
  wanted.public_ip = "43-1";
  const auto failed = backend->ensure(wanted);
  BOOST_CHECK(failed.code == errc::host_busy);
  BOOST_CHECK(holds(failed.message, "public address 43-1 is not on this node"));
  BOOST_CHECK(backend->inspect("200-1").state == presence::absent);
  BOOST_CHECK_EQUAL(traces(), "");
  public_ips.reset();
  BOOST_CHECK(open()->ensure(wanted).code == errc::host_unavailable);
  BOOST_CHECK_EQUAL(traces(), "");
  public_ips = addresses;
}

BOOST_FIXTURE_TEST_CASE(recovers_its_public_card_at_every_step,
                        public_machine_host) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 30);
    BOOST_TEST_CONTEXT("broken off after " << passed << " steps") {
      steps counted{passed};
      const auto failed = open(counted.hook())->ensure(public_order());
      const auto second = open();
      BOOST_REQUIRE_EQUAL(why_not(second->ensure(public_order())), "");
      steps left{passed};
      const auto stuck = open(left.hook())->destroy("200-1");
      BOOST_REQUIRE_EQUAL(why_not(second->destroy("200-1")), "");
      BOOST_CHECK_EQUAL(addresses->inspect("42-1").machine, "");
      BOOST_CHECK_EQUAL(traces(), "");
      if (!failed && !stuck)
        return;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
