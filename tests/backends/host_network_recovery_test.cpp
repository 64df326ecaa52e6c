#include <csignal>
#include <fstream>

#include "tests/backends/network_under_test.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_network_recovery_test,
                      *boost::unit_test::precondition(networks_are_possible))

BOOST_FIXTURE_TEST_CASE(mends_whatever_was_taken_from_it, network_fixture) {
  auto a = open("a").value();
  const auto router = names("a").router;
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(part_a()))), "");
  const std::vector<std::function<void()>> damages{
    [&] {
      inside(router, tools.nft, {"flush", "ruleset"});
    },
    [&] {
      ip({"-n", router, "link", "set", "br0", "down"});
    },
    [&] {
      ip({"-n", router, "link", "delete", "br0"});
    },
    [&] {
      ip({"-n", router, "address", "flush", "dev", names("a").tunnel});
    },
    [&] {
      ip({"-n", router, "route", "flush", "proto", "112"});
    },
    [&] {
      ip({"-n", router, "link", "delete", names("a").tunnel});
    },
    [&] {
      inside(router, tools.wg,
             {"set", names("a").tunnel, "listen-port", "41099"});
    },
    [&] {
      ip({"netns", "delete", router});
    },
    [&] {
      // As a reboot or a crash leaves it: the name without its meaning.
      ip({"netns", "delete", router});
      std::ofstream{net_space::path_of(router)};
    }};
  for (std::size_t i = 0; i < damages.size(); ++i)
    BOOST_TEST_CONTEXT("damage " << i) {
      damages[i]();
      const auto found = a->inspect("blue");
      BOOST_CHECK(found.state == presence::partial);
      BOOST_CHECK_NE(found.reason, "");
      BOOST_CHECK(a->restore("blue").value());
      BOOST_CHECK(is_present(*a));
      BOOST_CHECK(!a->restore("blue").value());
    }
  a->destroy("blue", "104-1");
  BOOST_CHECK(!a->restore("blue").value());
}

BOOST_FIXTURE_TEST_CASE(outlives_the_daemon, network_fixture) {
  {
    BOOST_REQUIRE_EQUAL(why_not(open("a").value()->ensure(order(part_a()))),
                        "");
  }
  auto a = open("a").value();
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK(!a->restore("blue").value());
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(converges_when_making_was_broken_off_anywhere,
                        network_fixture) {
  break_everywhere(
    *this, false,
    [&](host_network_backend& a) { return a.ensure(order(part_a())); },
    [&](host_network_backend& a) {
      BOOST_CHECK_EQUAL(why_not(a.ensure(order(part_a()))), "");
      BOOST_CHECK(is_present(a));
      BOOST_CHECK_EQUAL(why_not(a.destroy("blue", "104-1")), "");
      BOOST_CHECK(a.inspect("blue").state == presence::absent);
    });
}

BOOST_FIXTURE_TEST_CASE(takes_back_what_a_failed_step_left, network_fixture) {
  bool made = false;
  break_everywhere(
    *this, true,
    [&](host_network_backend& a) {
      const auto failed = a.ensure(order(part_a()));
      made = !failed;
      return failed;
    },
    [&](host_network_backend& a) {
      BOOST_CHECK(a.inspect("blue").state
                  == (made ? presence::present : presence::absent));
      BOOST_CHECK_EQUAL(a.recorded()->size(), made ? 1 : 0);
      // Nothing stays, although nobody asks for its removal.
      BOOST_CHECK_EQUAL(
        std::filesystem::exists(net_space::path_of(names("a").router)), made);
      BOOST_CHECK_EQUAL(tunnel_process(names("a").tunnel).value() != 0,
                        made && a.needs_helpers());
      if (made)
        a.destroy("blue", "104-1");
    });
}

BOOST_FIXTURE_TEST_CASE(keeps_a_network_as_it_was_when_a_change_fails,
                        network_fixture) {
  BOOST_REQUIRE_EQUAL(why_not(open("a").value()->ensure(order(part_a()))), "");
  auto changed = part_a();
  changed.peers = {a_peer(tunnel_keys{}.shown, "10.1.9.0/24")};
  changed.wg_listen_port = 41003;
  bool done = false;
  break_everywhere(
    *this, true,
    [&](host_network_backend& a) {
      const auto failed = a.ensure(order(changed, "105-1"));
      done = !failed;
      return failed;
    },
    [&](host_network_backend& a) {
      BOOST_CHECK(is_present(a));
      BOOST_CHECK_EQUAL(routes("a").find("10.1.9.0/24") != std::string::npos,
                        done);
    });
  auto a = open("a").value();
  a->destroy("blue", "104-1");
  a->destroy("blue", "105-1");
  BOOST_CHECK(a->inspect("blue").state == presence::absent);
}

BOOST_FIXTURE_TEST_CASE(converges_when_removal_was_broken_off_anywhere,
                        network_fixture) {
  break_everywhere(
    *this, false,
    [&](host_network_backend& a) {
      BOOST_REQUIRE_EQUAL(why_not(open("a").value()->ensure(order(part_a()))),
                          "");
      return a.destroy("blue", "104-1");
    },
    [&](host_network_backend& a) {
      BOOST_CHECK_EQUAL(why_not(a.destroy("blue", "104-1")), "");
      BOOST_CHECK(a.inspect("blue").state == presence::absent);
      BOOST_CHECK(a.recorded()->empty());
    });
}

BOOST_FIXTURE_TEST_CASE(a_member_is_connected_from_any_broken_state,
                        network_fixture) {
  BOOST_REQUIRE_EQUAL(why_not(open("a").value()->ensure(order(part_a()))), "");
  const network_member member{.id = "200-1",
                              .addresses = {address("10.1.2.5")}};
  for (const bool once : {false, true}) {
    bool done = false;
    break_everywhere(
      *this, once,
      [&](host_network_backend& a) {
        const auto made = a.attach("blue", member);
        done = made.has_value();
        return done ? error{} : made.error();
      },
      [&](host_network_backend& a) {
        if (once)
          BOOST_CHECK_EQUAL(std::filesystem::exists(net_space::path_of(
                              names("a").member_space("200-1"))),
                            done);
        BOOST_CHECK(a.attach("blue", member));
        const visitor one{names("a").member_space("200-1"), "10.1.2.5"};
        BOOST_CHECK_EQUAL(why_not(a.detach("blue", "200-1")), "");
      });
  }
  break_everywhere(
    *this, false,
    [&](host_network_backend& a) {
      BOOST_REQUIRE(open("a").value()->attach("blue", member));
      return a.detach("blue", "200-1");
    },
    [&](host_network_backend& a) {
      BOOST_CHECK_EQUAL(why_not(a.detach("blue", "200-1")), "");
    });
  BOOST_CHECK_EQUAL(why_not(open("a").value()->destroy("blue", "104-1")), "");
}

BOOST_AUTO_TEST_SUITE_END()
