#include "backends/host/host_ipv6_gateway_backend.hpp"

#include <fstream>

#include <sys/stat.h>

#include "shim/small_file.hpp"
#include "tests/backends/ipv6_gateway_host.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(
  host_ipv6_gateway_backend_test,
  *boost::unit_test::precondition(ipv6_gateways_are_possible))

BOOST_FIXTURE_TEST_CASE(a_client_reaches_the_internet_and_is_reached,
                        ipv6_gateway_host) {
  const auto all = open();
  ipv6_client client{tools, underlay("b"), "x"};
  BOOST_CHECK(all->inspect("110-1").state == presence::absent);
  const auto terms = all->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE_MESSAGE(terms, why(terms));
  BOOST_CHECK(is_present(*all));
  BOOST_CHECK(terms->address.starts_with("2001:db8:1:2:"));
  BOOST_CHECK(terms->address.ends_with("/128"));
  BOOST_CHECK_EQUAL(terms->endpoint, "192.0.2.1:41006");
  client.set_up(*terms);
  const ipv6_visitor here{client.space(), bare(terms->address)};
  const ipv6_visitor there{outside(), far_address};
  BOOST_CHECK(here.reaches(there, far_address));
  BOOST_CHECK(there.reaches(here, bare(terms->address)));
  BOOST_REQUIRE_EQUAL(why_not(all->destroy("110-1")), "");
  BOOST_CHECK_EQUAL(why_not(all->destroy("110-1")), "");
  BOOST_CHECK(all->inspect("110-1").state == presence::absent);
  BOOST_CHECK(!here.reaches(there, far_address, 3));
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(a_network_that_is_routed_to_it_may_be_any,
                        ipv6_gateway_host) {
  auto routed = options();
  routed.terms.network = range("2001:db8:7:8::/64");
  const auto all = open(std::move(routed));
  ip({"-n", outside(), "route", "add", "2001:db8:7:8::/64", "via",
      "2001:db8:1:2::5"});
  ipv6_client client{tools, underlay("b"), "x"};
  const auto terms = all->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE_MESSAGE(terms, why(terms));
  BOOST_CHECK(terms->address.starts_with("2001:db8:7:8:"));
  client.set_up(*terms);
  const ipv6_visitor here{client.space(), bare(terms->address)};
  const ipv6_visitor there{outside(), far_address};
  BOOST_CHECK(here.reaches(there, far_address));
  BOOST_CHECK(there.reaches(here, bare(terms->address)));
}

BOOST_FIXTURE_TEST_CASE(each_client_sends_under_its_own_address_alone,
                        ipv6_gateway_host) {
  const auto all = open();
  ipv6_client one{tools, underlay("b"), "x"};
  ipv6_client other{tools, underlay("b"), "y"};
  const auto terms = all->ensure({"110-1", one.keys.shown});
  const auto others = all->ensure({"111-1", other.keys.shown});
  BOOST_REQUIRE(terms && others);
  BOOST_CHECK(terms->address != others->address);
  one.set_up(*terms);
  // Neither another client's address nor one of nobody.
  one.use(others->address);
  one.use("2001:db8:1:2::77/128");
  const ipv6_visitor there{outside(), far_address};
  const ipv6_visitor honest{one.space(), bare(terms->address)};
  BOOST_REQUIRE(honest.reaches(there, far_address));
  const ipv6_visitor thief{one.space(), bare(others->address)};
  const ipv6_visitor liar{one.space(), "2001:db8:1:2::77"};
  BOOST_CHECK(!thief.reaches(there, far_address, 5));
  BOOST_CHECK(!liar.reaches(there, far_address, 5));
  BOOST_CHECK(honest.reaches(there, far_address));
}

BOOST_FIXTURE_TEST_CASE(clients_reach_each_other_as_anybody_does,
                        ipv6_gateway_host) {
  const auto all = open();
  ipv6_client one{tools, underlay("b"), "x"};
  ipv6_client other{tools, underlay("b"), "y"};
  const auto terms = all->ensure({"110-1", one.keys.shown});
  const auto others = all->ensure({"111-1", other.keys.shown});
  BOOST_REQUIRE(terms && others);
  one.set_up(*terms);
  other.set_up(*others);
  const ipv6_visitor here{one.space(), bare(terms->address)};
  const ipv6_visitor there{other.space(), bare(others->address)};
  const ipv6_visitor host{outside(), far_address};
  // The router does not know where a client is that was never heard.
  BOOST_REQUIRE(there.reaches(host, far_address));
  BOOST_CHECK(here.reaches(there, bare(others->address)));
}

BOOST_FIXTURE_TEST_CASE(only_the_internet_is_in_reach, ipv6_gateway_host) {
  // The operator's own, behind the same bridge.
  ip({"-n", outside(), "address", "add", "fd00:1::1/64", "dev", "wire",
      "nodad"});
  const auto all = open();
  ipv6_client client{tools, underlay("b"), "x"};
  auto terms = all->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE(terms);
  terms->reach = "::/0";
  client.set_up(*terms);
  const ipv6_visitor here{client.space(), bare(terms->address)};
  const ipv6_visitor there{outside(), far_address};
  BOOST_REQUIRE(here.reaches(there, far_address));
  const ipv6_visitor inner{outside(), "fd00:1::1"};
  BOOST_CHECK(!here.reaches(inner, "fd00:1::1", 5));
}

BOOST_FIXTURE_TEST_CASE(packets_are_passed_on_in_its_own_namespace_alone,
                        ipv6_gateway_host) {
  const auto passes = [](const std::string& space) {
    return net_space::ask(space, []() -> expected<std::string> {
      return shim::read_small("/proc/sys/net/ipv6/conf/all/forwarding");
    });
  };
  const auto before = passes({}).value();
  const auto all = open();
  BOOST_REQUIRE(all->ensure({"110-1", a_key()}));
  BOOST_CHECK_EQUAL(passes(own_names().space).value(), "1\n");
  BOOST_CHECK_EQUAL(passes(underlay("a")).value(), "0\n");
  BOOST_CHECK_EQUAL(passes({}).value(), before);
}

BOOST_FIXTURE_TEST_CASE(a_client_keeps_its_address_and_may_change_its_key,
                        ipv6_gateway_host) {
  const auto all = open();
  const auto first = all->ensure({"110-1", a_key()});
  BOOST_REQUIRE_MESSAGE(first, why(first));
  ipv6_client client{tools, underlay("b"), "x"};
  const auto second = open()->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE_MESSAGE(second, why(second));
  BOOST_CHECK_EQUAL(second->address, first->address);
  BOOST_CHECK_EQUAL(second->gateway_key, first->gateway_key);
  BOOST_CHECK(is_present(*all));
  client.set_up(*second);
  const ipv6_visitor here{client.space(), bare(second->address)};
  const ipv6_visitor there{outside(), far_address};
  BOOST_CHECK(here.reaches(there, far_address));
  struct stat facts = {};
  BOOST_REQUIRE_EQUAL(::stat((folder + "/clients/key").c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(facts.st_mode & 0777U, 0600U);
}

BOOST_FIXTURE_TEST_CASE(a_key_serves_one_client, ipv6_gateway_host) {
  const auto all = open();
  const auto key = a_key();
  const auto first = all->ensure({"110-1", key});
  BOOST_REQUIRE(first);
  const auto refused = [&](const std::string& id, const std::string& wrong,
                           const std::string& reason) {
    const auto done = all->ensure({id, wrong});
    BOOST_REQUIRE(!done);
    BOOST_CHECK(done.error().code == errc::invalid_reservation);
    BOOST_TEST_INFO(done.error().message);
    BOOST_CHECK(done.error().message.find(reason) != std::string::npos);
  };
  refused("111-1", key, "public_key: another reservation has it");
  refused("111-1", first->gateway_key, "public_key: is the node's own");
  refused("111-1", "nonsense", "public_key: ");
  refused("../111", a_key(), "cannot name a client");
  BOOST_CHECK(is_present(*all));
  BOOST_CHECK_EQUAL(all->list().value().size(), 1);
  BOOST_CHECK_EQUAL(all->list().value().front().what, bare(first->address));
}

BOOST_FIXTURE_TEST_CASE(a_bridge_that_is_away_is_waited_for,
                        ipv6_gateway_host) {
  auto astray = options();
  astray.terms.bridge = "nowhere0";
  const auto done = open(std::move(astray))->ensure({"110-1", a_key()});
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_unavailable);
  BOOST_CHECK(done.error().message.find("gateway.ipv6_bridge: nowhere0 is not")
              != std::string::npos);
  BOOST_CHECK_EQUAL(traces(), "");
  BOOST_CHECK(open()->list().value().empty());
}

BOOST_FIXTURE_TEST_CASE(somebody_elses_port_is_not_touched, ipv6_gateway_host) {
  const auto port = own_names().port;
  ip({"-n", underlay("a"), "link", "add", port, "type", "bridge"});
  ip({"-n", underlay("a"), "link", "set", port, "alias", "mine"});
  const auto done = open()->ensure({"110-1", a_key()});
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().message.find("is not ours but 'mine'")
              != std::string::npos);
  ip({"-n", underlay("a"), "link", "delete", port});
  BOOST_CHECK(open()->restore());
}

BOOST_FIXTURE_TEST_CASE(what_is_left_unsaid_is_not_taken_for_absent,
                        ipv6_gateway_host) {
  const auto all = open();
  BOOST_REQUIRE(all->ensure({"110-1", a_key()}));
  // An ip that answers one question of several.
  auto doubtful = options();
  doubtful.tools.ip = folder + "/ip";
  std::ofstream{doubtful.tools.ip}
    << "#!/bin/sh\n[ \"$2\" != -6 ] || exec echo '[]'\nexec " << tools.ip
    << " \"$@\"\n";
  std::filesystem::permissions(doubtful.tools.ip,
                               std::filesystem::perms::owner_all);
  const auto unsure = open(std::move(doubtful));
  const auto facts = unsure->inspect("110-1");
  BOOST_CHECK(facts.state == presence::unknown);
  BOOST_CHECK(facts.reason.ends_with("did not answer all that it was asked"));
  BOOST_CHECK(!unsure->restore());
  BOOST_CHECK(!unsure->ensure({"111-1", a_key()}));
  BOOST_CHECK(is_present(*all));
}

BOOST_FIXTURE_TEST_CASE(a_record_that_cannot_be_read_is_named,
                        ipv6_gateway_host) {
  const auto path = folder + "/clients/112-1.client";
  const auto all = open();
  for (const std::string flaw :
       {"nonsense", "key\tx\nend\n", "address\t2001:db8::1\nend\n",
        "address\t10.0.0.1\nend\n", "colour\tred\nend\n", "key\ta\tb\nend\n"}) {
    BOOST_REQUIRE(!shim::write_durably(path, flaw));
    const auto done = all->ensure({"110-1", a_key()});
    BOOST_REQUIRE(!done);
    BOOST_CHECK(done.error().code == errc::storage_corrupt);
    BOOST_CHECK(done.error().message.find("112-1.client") != std::string::npos);
    BOOST_CHECK(all->inspect("112-1").state == presence::unknown);
    BOOST_CHECK(!all->list());
  }
  BOOST_CHECK(std::filesystem::remove(path));
}

BOOST_FIXTURE_TEST_CASE(a_lost_key_is_no_reason_for_another,
                        ipv6_gateway_host) {
  const auto all = open();
  BOOST_REQUIRE(all->ensure({"110-1", a_key()}));
  const auto path = folder + "/clients/key";
  const auto kept = shim::read_small(path);
  BOOST_REQUIRE(std::filesystem::remove(path));
  const auto lost = all->ensure({"111-1", a_key()});
  BOOST_REQUIRE(!lost);
  BOOST_CHECK(lost.error().message.find(path) != std::string::npos);
  BOOST_REQUIRE(!shim::write_durably(path, "nonsense"));
  BOOST_CHECK(all->ensure({"111-1", a_key()}).error().code
              == errc::storage_corrupt);
  BOOST_REQUIRE(!shim::write_durably(path, kept));
  BOOST_CHECK(is_present(*all));
}

BOOST_AUTO_TEST_SUITE_END()
