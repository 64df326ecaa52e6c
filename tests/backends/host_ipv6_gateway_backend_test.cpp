#include "backends/host/host_ipv6_gateway_backend.hpp"

#include <csignal>
#include <functional>

#include <sys/stat.h>

#include "backends/host/ipv6_gateway_keeper.hpp"
#include "shim/small_file.hpp"
#include "tests/backends/ipv6_gateway_host.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(
  host_ipv6_gateway_backend_test,
  *boost::unit_test::precondition(ipv6_gateways_are_possible))

namespace {

struct ipv6_fixture : ipv6_gateway_host {
  static std::string a_key() { return tunnel_keys{}.shown; }

  static std::string bare(const std::string& address) {
    return address.substr(0, address.find('/'));
  }

  bool is_present_way(ipv6_gateway_backend& all,
                      const std::string& id = "110-1") const {
    const auto facts = all.inspect(id);
    BOOST_TEST_INFO(facts.reason);
    return facts.state == presence::present;
  }
};

/// Breaks `action` off at its first, second, ... step until it gets through.
/// `once`: only that step fails, as by a mishap; else all further ones do too,
/// as in a crash.
void break_way_everywhere(
  const ipv6_fixture& host, bool once,
  const std::function<error(host_ipv6_gateway_backend&)>& action,
  const std::function<void(host_ipv6_gateway_backend&, bool broken)>&
    afterwards) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 40);
    int left = passed;
    const auto broken = action(*host.open([&](std::string_view step) {
      if (left-- == 0 || (!once && left < 0))
        return error{errc::backend_failure,
                     "broken off at " + std::string{step}};
      return error{};
    }));
    BOOST_TEST_CONTEXT("after " << passed << " steps: " << why_not(broken)) {
      afterwards(*host.open(), bool{broken});
    }
    if (!broken)
      return;
  }
}

error failure_of(const expected<ipv6_client_terms>& done) {
  return done ? error{} : done.error();
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_client_reaches_the_internet_and_is_reached,
                        ipv6_fixture) {
  const auto all = open();
  ipv6_client client{*this, "x"};
  BOOST_CHECK(all->inspect("110-1").state == presence::absent);
  const auto terms = all->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE_MESSAGE(terms, why(terms));
  BOOST_CHECK(is_present_way(*all));
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
                        ipv6_fixture) {
  auto routed = options();
  routed.terms.network = range("2001:db8:7:8::/64");
  const auto all = open(std::move(routed));
  ip({"-n", outside(), "route", "add", "2001:db8:7:8::/64", "via",
      "2001:db8:1:2::5"});
  ipv6_client client{*this, "x"};
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
                        ipv6_fixture) {
  const auto all = open();
  ipv6_client one{*this, "x"};
  ipv6_client other{*this, "y"};
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
                        ipv6_fixture) {
  const auto all = open();
  ipv6_client one{*this, "x"};
  ipv6_client other{*this, "y"};
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

BOOST_FIXTURE_TEST_CASE(only_the_internet_is_in_reach, ipv6_fixture) {
  // The operator's own, behind the same bridge.
  ip({"-n", outside(), "address", "add", "fd00:1::1/64", "dev", "wire",
      "nodad"});
  const auto all = open();
  ipv6_client client{*this, "x"};
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
                        ipv6_fixture) {
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
                        ipv6_fixture) {
  const auto all = open();
  const auto first = all->ensure({"110-1", a_key()});
  BOOST_REQUIRE_MESSAGE(first, why(first));
  ipv6_client client{*this, "x"};
  const auto second = open()->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE_MESSAGE(second, why(second));
  BOOST_CHECK_EQUAL(second->address, first->address);
  BOOST_CHECK_EQUAL(second->gateway_key, first->gateway_key);
  BOOST_CHECK(is_present_way(*all));
  client.set_up(*second);
  const ipv6_visitor here{client.space(), bare(second->address)};
  const ipv6_visitor there{outside(), far_address};
  BOOST_CHECK(here.reaches(there, far_address));
  struct stat facts = {};
  BOOST_REQUIRE_EQUAL(::stat((folder + "/clients/key").c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(facts.st_mode & 0777U, 0600U);
}

BOOST_FIXTURE_TEST_CASE(a_key_serves_one_client, ipv6_fixture) {
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
  BOOST_CHECK(is_present_way(*all));
  BOOST_CHECK_EQUAL(all->list().value().size(), 1);
  BOOST_CHECK_EQUAL(all->list().value().front().what, bare(first->address));
}

BOOST_FIXTURE_TEST_CASE(a_bridge_that_is_away_is_waited_for, ipv6_fixture) {
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

BOOST_FIXTURE_TEST_CASE(somebody_elses_port_is_not_touched, ipv6_fixture) {
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

BOOST_FIXTURE_TEST_CASE(what_fails_at_any_step_is_taken_back, ipv6_fixture) {
  const auto key = a_key();
  break_way_everywhere(
    *this, true,
    [&](auto& all) {
      return failure_of(all.ensure({"110-1", key}));
    },
    [&](auto& all, bool broken) {
      if (!broken) {
        BOOST_CHECK(is_present_way(all));
        BOOST_CHECK_EQUAL(why_not(all.destroy("110-1")), "");
        return;
      }
      BOOST_CHECK(all.inspect("110-1").state == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(can_be_made_after_a_crash_at_any_step, ipv6_fixture) {
  const auto key = a_key();
  break_way_everywhere(
    *this, false,
    [&](auto& all) {
      return failure_of(all.ensure({"110-1", key}));
    },
    [&](auto& all, bool) {
      BOOST_CHECK_EQUAL(why_not(failure_of(all.ensure({"110-1", key}))), "");
      BOOST_CHECK(is_present_way(all));
      BOOST_CHECK_EQUAL(why_not(all.destroy("110-1")), "");
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(can_be_removed_after_a_crash_at_any_step,
                        ipv6_fixture) {
  const auto key = a_key();
  break_way_everywhere(
    *this, false,
    [&](auto& all) {
      BOOST_REQUIRE(open()->ensure({"110-1", key}));
      return all.destroy("110-1");
    },
    [&](auto& all, bool) {
      BOOST_CHECK_EQUAL(why_not(all.destroy("110-1")), "");
      BOOST_CHECK(all.inspect("110-1").state == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(a_second_client_that_fails_costs_the_first_nothing,
                        ipv6_fixture) {
  ipv6_client client{*this, "x"};
  const auto terms = open()->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE(terms);
  client.set_up(*terms);
  const ipv6_visitor here{client.space(), bare(terms->address)};
  const ipv6_visitor there{outside(), far_address};
  const auto key = a_key();
  break_way_everywhere(
    *this, true,
    [&](auto& all) {
      return failure_of(all.ensure({"111-1", key}));
    },
    [&](auto& all, bool broken) {
      BOOST_CHECK(is_present_way(all));
      BOOST_CHECK_EQUAL(all.list().value().size(), broken ? 1 : 2);
      BOOST_CHECK(here.reaches(there, far_address));
    });
}

BOOST_FIXTURE_TEST_CASE(what_somebody_changed_is_seen_and_put_right,
                        ipv6_fixture) {
  const auto all = open();
  const auto terms = all->ensure({"110-1", a_key()});
  BOOST_REQUIRE(terms);
  BOOST_CHECK_EQUAL(all->restore().value(), false);
  const auto names = own_names();
  const std::vector<std::vector<std::string>> mischief{
    {"-n", underlay("a"), "link", "set", names.port, "nomaster"},
    {"-n", underlay("a"), "link", "delete", names.port},
    {"-n", names.space, "address", "delete", "2001:db8:1:2::5/64", "dev",
     "up0"},
    {"-n", names.space, "link", "set", names.tunnel, "down"},
    {"-n", names.space, "route", "delete", terms->address},
    {"-n", names.space, "neighbor", "delete", "proxy", bare(terms->address),
     "dev", "up0"},
    {"netns", "exec", names.space, tools.nft, "flush", "ruleset"},
    {"netns", "exec", names.space, "/bin/sh", "-c",
     "echo 0 > /proc/sys/net/ipv6/conf/all/forwarding"}};
  for (const auto& words : mischief) {
    BOOST_TEST_CONTEXT(words.back()) {
      ip(words);
      const auto facts = all->inspect("110-1");
      BOOST_CHECK(facts.state == presence::partial);
      BOOST_CHECK(!facts.reason.empty());
      const auto done = open()->restore();
      BOOST_REQUIRE_MESSAGE(done, why(done));
      BOOST_CHECK(*done);
      BOOST_CHECK(is_present_way(*all));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(other_terms_are_taken_over, ipv6_fixture) {
  BOOST_REQUIRE(open()->ensure({"110-1", a_key()}));
  auto moved = options();
  moved.terms.address = range("2001:db8:1:2::6/64");
  moved.terms.router = address("fe80::1");
  moved.terms.port = 41007;
  const auto all = open(std::move(moved));
  BOOST_CHECK(all->inspect("110-1").state == presence::partial);
  BOOST_CHECK_EQUAL(all->restore().value(), true);
  BOOST_CHECK(is_present_way(*all));
  BOOST_CHECK(inside(own_names().space, tools.ip, {"-6", "route", "show"})
                .find("default via fe80::1")
              != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(comes_back_by_itself, ipv6_fixture) {
  std::atomic<int> restored{0};
  ipv6_client client{*this, "x"};
  const auto terms = open()->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE(terms);
  client.set_up(*terms);
  const ipv6_visitor there{outside(), far_address};
  const auto reaches = [&] {
    const ipv6_visitor here{client.space(), bare(terms->address)};
    return here.reaches(there, far_address);
  };
  BOOST_REQUIRE(reaches());
  // As after a reboot: nothing is there but the records.
  BOOST_REQUIRE_EQUAL(
    why_not(ipv6_router{tools, own_names(), underlay("a"), {}}.tear_down()),
    "");
  const auto all = open();
  const auto keeper = ipv6_gateway_keeper::start(
    *all, [&](const error& failed) { restored += failed ? 0 : 1; },
    std::chrono::milliseconds{1});
  BOOST_REQUIRE(keeper);
  BOOST_REQUIRE(eventually([&] { return restored == 1; }));
  client.set_up_again(*terms);
  BOOST_CHECK(reaches());
  // Its port is unplugged.
  ip({"-n", underlay("a"), "link", "set", own_names().port, "nomaster"});
  BOOST_CHECK(eventually([&] { return restored >= 2; }));
  BOOST_CHECK(reaches());
  if (tools.wireguard_go.empty())
    return;
  const int before = restored;
  ::kill(all->helper().value(), SIGKILL);
  BOOST_CHECK(eventually([&] { return restored > before; }));
  client.set_up_again(*terms);
  BOOST_CHECK(reaches());
}

BOOST_FIXTURE_TEST_CASE(a_record_that_cannot_be_read_is_named, ipv6_fixture) {
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

BOOST_FIXTURE_TEST_CASE(a_lost_key_is_no_reason_for_another, ipv6_fixture) {
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
  BOOST_CHECK(is_present_way(*all));
}

BOOST_AUTO_TEST_SUITE_END()
