#include "backends/host/host_network_backend.hpp"

#include <csignal>
#include <fstream>
#include <thread>

#include <sched.h>
#include <sys/mount.h>

#include "tests/backends/listed.hpp"
#include "tests/backends/network_host.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_network_backend_test,
                      *boost::unit_test::precondition(networks_are_possible))

namespace {

struct network_fixture : network_host {
  tunnel_keys a_keys;
  tunnel_keys b_keys;

  network_order order(const workloads::network_resource& resource,
                      std::string holder = "104-1",
                      std::string id = "blue") const {
    return {.id = std::move(id),
            .user_id = "7",
            .holder = std::move(holder),
            .resource = resource};
  }

  /// The part of node "a", which calls node "b".
  workloads::network_resource part_a() const {
    auto part = a_resource(a_keys, "10.1.2.0/24", 41001);
    part.peers = {a_peer(b_keys.shown, "10.1.3.0/24", "192.0.2.2:41002")};
    return part;
  }

  workloads::network_resource part_b() const {
    auto part = a_resource(b_keys, "10.1.3.0/24", 41002);
    part.peers = {a_peer(a_keys.shown, "10.1.2.0/24", "192.0.2.1:41001")};
    return part;
  }

  std::string routes(const std::string& node) const {
    return inside(names(node).router, tools.ip,
                  {"-4", "route", "show", "dev", names(node).tunnel});
  }
};

bool is_present(network_backend& backend, const std::string& id = "blue") {
  const auto facts = backend.inspect(id);
  BOOST_TEST_INFO(facts.reason);
  return facts.state == presence::present;
}

std::string text(const error& failed) {
  return failed ? to_string(failed) : "";
}

/// Breaks `action` off at its first, second, ... step until it gets through.
/// `once`: only that step fails, as by a mishap; else all further ones do too,
/// as in a crash.
void break_everywhere(
  const network_fixture& host, bool once,
  const std::function<error(host_network_backend&)>& action,
  const std::function<void(host_network_backend&)>& afterwards) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 40);
    int left = passed;
    const auto hook = [&](std::string_view step) {
      if (left-- == 0 || (!once && left < 0))
        return error{errc::backend_failure,
                     "broken off at " + std::string{step}};
      return error{};
    };
    const auto broken = action(*host.open("a", hook).value());
    BOOST_TEST_CONTEXT("after " << passed << " steps: " << text(broken)) {
      afterwards(*host.open("a").value());
    }
    if (!broken)
      return;
  }
}

} // namespace

BOOST_FIXTURE_TEST_CASE(two_nodes_reach_each_other_through_the_tunnel,
                        network_fixture) {
  auto a = open("a").value();
  auto b = open("b").value();
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(text(b->ensure(order(part_b()))), "");
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK(is_present(*b));
  const auto here
    = a->attach("blue", {.id = "200-1", .addresses = {address("10.1.2.5")}});
  const auto there
    = b->attach("blue", {.id = "201-1", .addresses = {address("10.1.3.6")}});
  BOOST_REQUIRE_MESSAGE(here, why(here));
  BOOST_REQUIRE_MESSAGE(there, why(there));
  BOOST_CHECK_EQUAL(*here, "/run/netns/" + names("a").member_space("200-1"));
  {
    const visitor one{names("a").member_space("200-1"), "10.1.2.5"};
    const visitor other{names("b").member_space("201-1"), "10.1.3.6"};
    BOOST_CHECK(one.reaches(other, "10.1.3.6"));
    BOOST_CHECK(other.reaches(one, "10.1.2.5"));
  }
  const auto facts = a->inspect("blue");
  BOOST_CHECK_EQUAL(facts.peers_heard, 1);
  BOOST_CHECK_GT(facts.received_bytes, 0);
  BOOST_CHECK_GT(facts.sent_bytes, 0);
  BOOST_CHECK_EQUAL(text(a->detach("blue", "200-1")), "");
  BOOST_CHECK_EQUAL(text(b->detach("blue", "201-1")), "");
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(text(b->destroy("blue", "104-1")), "");
  BOOST_CHECK(a->inspect("blue").state == presence::absent);
}

BOOST_FIXTURE_TEST_CASE(changes_peers_in_place, network_fixture) {
  auto a = open("a").value();
  auto b = open("b").value();
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(text(b->ensure(order(part_b()))), "");
  const auto process = a->helper("blue");
  const visitor one{names("a").router, "10.1.2.1"};
  const visitor other{names("b").router, "10.1.3.1"};
  // The router serves nobody, so only the way there is seen.
  one.reaches(other, "10.1.3.1", std::chrono::milliseconds{300});
  const auto sent = a->inspect("blue").sent_bytes;
  BOOST_CHECK_GT(sent, 0);
  auto changed = part_a();
  changed.peers.push_back(a_peer(tunnel_keys{}.shown, "10.1.9.0/24"));
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(changed))), "");
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK(routes("a").find("10.1.9.0/24") != std::string::npos);
  // The old peer kept its session, the device its process.
  BOOST_CHECK_GE(a->inspect("blue").sent_bytes, sent);
  BOOST_CHECK(a->helper("blue") == process);
  changed.peers.clear();
  changed.wg_listen_port = 41003;
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(changed))), "");
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK_EQUAL(routes("a").find("10.1.9.0/24"), std::string::npos);
  BOOST_CHECK(a->helper("blue") == process);
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(text(b->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(drops_what_comes_under_a_false_name, network_fixture) {
  auto a = open("a").value();
  auto b = open("b").value();
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(text(b->ensure(order(part_b()))), "");
  BOOST_REQUIRE(
    a->attach("blue", {.id = "200-1", .addresses = {address("10.1.2.5")}}));
  BOOST_REQUIRE(
    b->attach("blue", {.id = "201-1", .addresses = {address("10.1.3.6")}}));
  const auto liar = names("a").member_space("200-1");
  ip({"-n", liar, "address", "add", "10.1.7.7/24", "dev", "eth0"});
  {
    const visitor honest{liar, "10.1.2.5"};
    const visitor other{names("b").member_space("201-1"), "10.1.3.6"};
    BOOST_CHECK(honest.reaches(other, "10.1.3.6"));
    const visitor lying{liar, "10.1.7.7"};
    BOOST_CHECK(
      !lying.reaches(other, "10.1.3.6", std::chrono::milliseconds{500}));
  }
  a->detach("blue", "200-1");
  b->detach("blue", "201-1");
  a->destroy("blue", "104-1");
  b->destroy("blue", "104-1");
}

BOOST_FIXTURE_TEST_CASE(may_be_asked_again_and_again, network_fixture) {
  auto a = open("a").value();
  BOOST_CHECK(a->inspect("blue").state == presence::absent);
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
  for (int round = 0; round < 3; ++round) {
    BOOST_CHECK_EQUAL(text(a->ensure(order(part_a()))), "");
    BOOST_CHECK_EQUAL(text(a->ensure(order(part_a()))), "");
    BOOST_CHECK(is_present(*a));
    BOOST_CHECK(
      a->attach("blue", {.id = "200-1", .addresses = {address("10.1.2.5")}}));
    BOOST_CHECK(
      a->attach("blue", {.id = "200-1", .addresses = {address("10.1.2.6")}}));
    BOOST_CHECK_EQUAL(text(a->detach("blue", "200-1")), "");
    BOOST_CHECK_EQUAL(text(a->detach("blue", "200-1")), "");
    BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
    BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
    BOOST_CHECK(a->inspect("blue").state == presence::absent);
  }
}

BOOST_FIXTURE_TEST_CASE(lives_as_long_as_one_holds_it, network_fixture) {
  auto a = open("a").value();
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(part_a(), "104-1"))), "");
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(part_a(), "105-1"))), "");
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "105-1")), "");
  BOOST_CHECK(a->inspect("blue").state == presence::absent);
}

BOOST_FIXTURE_TEST_CASE(refuses_what_stands_in_the_way_of_others,
                        network_fixture) {
  auto a = open("a").value();
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(part_a()))), "");
  auto foreign = order(part_a(), "106-1");
  foreign.user_id = "8";
  BOOST_CHECK(text(a->ensure(foreign)).find("another user's")
              != std::string::npos);
  BOOST_CHECK(text(a->ensure(order(part_a(), "107-1", "red")))
                .find("network blue listens on 41001 already")
              != std::string::npos);
  BOOST_CHECK(a->inspect("red").state == presence::absent);
  auto mismatched = part_a();
  mismatched.wg_private_key = b_keys.own;
  BOOST_CHECK(text(a->ensure(order(mismatched))).find("does not belong")
              != std::string::npos);
  BOOST_CHECK(is_present(*a));
  BOOST_REQUIRE(
    a->attach("blue", {.id = "200-1", .addresses = {address("10.1.2.5")}}));
  const auto taken
    = a->attach("blue", {.id = "201-1", .addresses = {address("10.1.2.5")}});
  BOOST_CHECK(why(taken).find("is taken") != std::string::npos);
  BOOST_CHECK(
    !a->attach("blue", {.id = "201-1", .addresses = {address("10.1.2.1")}}));
  BOOST_CHECK(!a->attach("red", {.id = "201-1"}));
  // Members keep the range that they live in.
  auto moved = part_a();
  moved.subnet = range("10.1.4.0/24");
  BOOST_CHECK(text(a->ensure(order(moved))).find("ips: 10.1.2.5")
              != std::string::npos);
  for (const auto* id : {"", "..", "a/b", "a b"}) {
    BOOST_CHECK(a->ensure(order(part_a(), "104-1", id)));
    BOOST_CHECK(a->destroy(id, "104-1"));
    BOOST_CHECK(!a->attach("blue", {.id = id}));
    BOOST_CHECK(a->inspect(id).state == presence::unknown);
  }
  a->detach("blue", "200-1");
  a->destroy("blue", "104-1");
}

BOOST_FIXTURE_TEST_CASE(touches_nothing_that_is_not_its_own, network_fixture) {
  const auto router = names("a").router;
  ip({"netns", "add", router});
  ip({"-n", router, "link", "add", "br0", "type", "bridge"});
  ip({"-n", router, "link", "set", "br0", "alias", "somebody else's"});
  auto a = open("a").value();
  const auto refused = a->ensure(order(part_a()));
  BOOST_CHECK(refused.code == errc::already_exists);
  BOOST_CHECK(refused.message.find("somebody else's") != std::string::npos);
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
  BOOST_CHECK(
    inside(router, tools.ip, {"link", "show", "br0"}).find("somebody else's")
    != std::string::npos);
  ip({"netns", "delete", router});
}

BOOST_FIXTURE_TEST_CASE(mends_whatever_was_taken_from_it, network_fixture) {
  auto a = open("a").value();
  const auto router = names("a").router;
  BOOST_REQUIRE_EQUAL(text(a->ensure(order(part_a()))), "");
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
  { BOOST_REQUIRE_EQUAL(text(open("a").value()->ensure(order(part_a()))), ""); }
  auto a = open("a").value();
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK(!a->restore("blue").value());
  BOOST_CHECK_EQUAL(text(a->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(never_reads_a_failing_tool_as_absence,
                        network_fixture) {
  BOOST_REQUIRE_EQUAL(text(open("a").value()->ensure(order(part_a()))), "");
  auto broken_tools = tools;
  broken_tools.ip = "/bin/false";
  auto a = host_network_backend::open({.node_id = node_id("a"),
                                       .folder = folder + "/a",
                                       .underlay = underlay("a"),
                                       .tools = broken_tools})
             .value();
  BOOST_CHECK(a->inspect("blue").state == presence::unknown);
  BOOST_CHECK(a->destroy("blue", "104-1"));
  BOOST_CHECK(is_present(*open("a").value()));
  BOOST_CHECK_EQUAL(text(open("a").value()->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(converges_when_making_was_broken_off_anywhere,
                        network_fixture) {
  break_everywhere(
    *this, false,
    [&](host_network_backend& a) { return a.ensure(order(part_a())); },
    [&](host_network_backend& a) {
      BOOST_CHECK_EQUAL(text(a.ensure(order(part_a()))), "");
      BOOST_CHECK(is_present(a));
      BOOST_CHECK_EQUAL(text(a.destroy("blue", "104-1")), "");
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
  BOOST_REQUIRE_EQUAL(text(open("a").value()->ensure(order(part_a()))), "");
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
      BOOST_REQUIRE_EQUAL(text(open("a").value()->ensure(order(part_a()))), "");
      return a.destroy("blue", "104-1");
    },
    [&](host_network_backend& a) {
      BOOST_CHECK_EQUAL(text(a.destroy("blue", "104-1")), "");
      BOOST_CHECK(a.inspect("blue").state == presence::absent);
      BOOST_CHECK(a.recorded()->empty());
    });
}

BOOST_FIXTURE_TEST_CASE(a_member_is_connected_from_any_broken_state,
                        network_fixture) {
  BOOST_REQUIRE_EQUAL(text(open("a").value()->ensure(order(part_a()))), "");
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
        BOOST_CHECK_EQUAL(text(a.detach("blue", "200-1")), "");
      });
  }
  break_everywhere(
    *this, false,
    [&](host_network_backend& a) {
      BOOST_REQUIRE(open("a").value()->attach("blue", member));
      return a.detach("blue", "200-1");
    },
    [&](host_network_backend& a) {
      BOOST_CHECK_EQUAL(text(a.detach("blue", "200-1")), "");
    });
  BOOST_CHECK_EQUAL(text(open("a").value()->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(lists_who_holds_a_network_and_what_has_no_record,
                        network_fixture) {
  auto backend = open("a").value();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE_EQUAL(text(backend->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(text(backend->ensure(order(part_a(), "105-1"))), "");
  // Another node's, and files of the operator's.
  auto other = open("b").value();
  BOOST_REQUIRE_EQUAL(text(other->ensure(order(part_b(), "204-1"))), "");
  std::ofstream{folder + "/a/notes.txt"} << "of the operator";
  BOOST_CHECK_EQUAL(listed(*backend), "104-1 105-1 ");
  BOOST_CHECK_EQUAL(listed(*other), "204-1 ");
  // Ours by its name, but nobody remembers for whom.
  ip({"netns", "add", names("a", "lost").router});
  BOOST_CHECK_EQUAL(listed(*backend), "104-1 105-1 ? ");
  ip({"netns", "delete", names("a", "lost").router});
  BOOST_CHECK_EQUAL(text(other->destroy("blue", "204-1")), "");
  BOOST_CHECK_EQUAL(text(backend->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(text(backend->destroy("blue", "105-1")), "");
  BOOST_CHECK_EQUAL(listed(*backend), "");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_looked_at_is_no_empty_list,
                        network_fixture) {
  auto backend = open("a").value();
  BOOST_REQUIRE_EQUAL(text(backend->ensure(order(part_a()))), "");
  cannot_be_listed_by_nobody(*backend);
  std::filesystem::path record;
  for (const auto& one : std::filesystem::directory_iterator{folder + "/a"})
    if (one.path().filename().string().find("blue") == 0)
      record = one.path();
  BOOST_REQUIRE(!record.empty());
  std::filesystem::rename(record, folder + "/kept");
  std::ofstream{record} << "garbage";
  BOOST_CHECK(!backend->list());
  std::filesystem::rename(folder + "/kept", record);
  BOOST_CHECK_EQUAL(listed(*backend), "104-1 ");
  BOOST_CHECK_EQUAL(text(backend->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(namespaces_that_cannot_be_listed_are_an_error,
                        network_fixture) {
  const auto mark = names("a").router;
  BOOST_CHECK(net_space::names_with(mark).value().empty());
  // In a copy of all mounts, so that nobody else sees it.
  std::thread{[&] {
    BOOST_REQUIRE_EQUAL(::unshare(CLONE_FS | CLONE_NEWNS), 0);
    BOOST_REQUIRE_EQUAL(::mount("", "/", "", MS_REC | MS_PRIVATE, ""), 0);
    BOOST_REQUIRE_EQUAL(
      ::mount("hidden", "/run/netns", "tmpfs", 0, "mode=0700"), 0);
    BOOST_CHECK(net_space::names_with(mark));
    const as_nobody now;
    BOOST_CHECK(!net_space::names_with(mark));
  }}.join();
}

BOOST_AUTO_TEST_SUITE_END()
