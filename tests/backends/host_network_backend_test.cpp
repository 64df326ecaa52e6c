#include <csignal>
#include <fstream>
#include <thread>

#include <sched.h>
#include <sys/mount.h>

#include "tests/backends/listed.hpp"
#include "tests/backends/network_under_test.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_network_backend_test,
                      *boost::unit_test::precondition(networks_are_possible))

BOOST_FIXTURE_TEST_CASE(two_nodes_reach_each_other_through_the_tunnel,
                        network_fixture) {
  auto a = open("a").value();
  auto b = open("b").value();
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(why_not(b->ensure(order(part_b()))), "");
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
  BOOST_CHECK_EQUAL(why_not(a->detach("blue", "200-1")), "");
  BOOST_CHECK_EQUAL(why_not(b->detach("blue", "201-1")), "");
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(why_not(b->destroy("blue", "104-1")), "");
  BOOST_CHECK(a->inspect("blue").state == presence::absent);
}

BOOST_FIXTURE_TEST_CASE(changes_peers_in_place, network_fixture) {
  auto a = open("a").value();
  auto b = open("b").value();
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(why_not(b->ensure(order(part_b()))), "");
  const auto process = a->helper("blue");
  const visitor one{names("a").router, "10.1.2.1"};
  const visitor other{names("b").router, "10.1.3.1"};
  // The router serves nobody, so only the way there is seen.
  one.reaches(other, "10.1.3.1", std::chrono::milliseconds{300});
  const auto sent = a->inspect("blue").sent_bytes;
  BOOST_CHECK_GT(sent, 0);
  auto changed = part_a();
  changed.peers.push_back(a_peer(tunnel_keys{}.shown, "10.1.9.0/24"));
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(changed))), "");
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK(routes("a").find("10.1.9.0/24") != std::string::npos);
  // The old peer kept its session, the device its process.
  BOOST_CHECK_GE(a->inspect("blue").sent_bytes, sent);
  BOOST_CHECK(a->helper("blue") == process);
  changed.peers.clear();
  changed.wg_listen_port = 41003;
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(changed))), "");
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK_EQUAL(routes("a").find("10.1.9.0/24"), std::string::npos);
  BOOST_CHECK(a->helper("blue") == process);
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(why_not(b->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(drops_what_comes_under_a_false_name, network_fixture) {
  auto a = open("a").value();
  auto b = open("b").value();
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(why_not(b->ensure(order(part_b()))), "");
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
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
  for (int round = 0; round < 3; ++round) {
    BOOST_CHECK_EQUAL(why_not(a->ensure(order(part_a()))), "");
    BOOST_CHECK_EQUAL(why_not(a->ensure(order(part_a()))), "");
    BOOST_CHECK(is_present(*a));
    BOOST_CHECK(
      a->attach("blue", {.id = "200-1", .addresses = {address("10.1.2.5")}}));
    BOOST_CHECK(
      a->attach("blue", {.id = "200-1", .addresses = {address("10.1.2.6")}}));
    BOOST_CHECK_EQUAL(why_not(a->detach("blue", "200-1")), "");
    BOOST_CHECK_EQUAL(why_not(a->detach("blue", "200-1")), "");
    BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
    BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
    BOOST_CHECK(a->inspect("blue").state == presence::absent);
  }
}

BOOST_FIXTURE_TEST_CASE(lives_as_long_as_one_holds_it, network_fixture) {
  auto a = open("a").value();
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(part_a(), "104-1"))), "");
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(part_a(), "105-1"))), "");
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
  BOOST_CHECK(is_present(*a));
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "105-1")), "");
  BOOST_CHECK(a->inspect("blue").state == presence::absent);
}

BOOST_FIXTURE_TEST_CASE(refuses_what_stands_in_the_way_of_others,
                        network_fixture) {
  auto a = open("a").value();
  BOOST_REQUIRE_EQUAL(why_not(a->ensure(order(part_a()))), "");
  auto foreign = order(part_a(), "106-1");
  foreign.user_id = "8";
  BOOST_CHECK(why_not(a->ensure(foreign)).find("another user's")
              != std::string::npos);
  BOOST_CHECK(why_not(a->ensure(order(part_a(), "107-1", "red")))
                .find("network blue listens on 41001 already")
              != std::string::npos);
  BOOST_CHECK(a->inspect("red").state == presence::absent);
  auto mismatched = part_a();
  mismatched.wg_private_key = b_keys.own;
  BOOST_CHECK(why_not(a->ensure(order(mismatched))).find("does not belong")
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
  BOOST_CHECK(why_not(a->ensure(order(moved))).find("ips: 10.1.2.5")
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
  BOOST_CHECK_EQUAL(why_not(a->destroy("blue", "104-1")), "");
  BOOST_CHECK(
    inside(router, tools.ip, {"link", "show", "br0"}).find("somebody else's")
    != std::string::npos);
  ip({"netns", "delete", router});
}

BOOST_FIXTURE_TEST_CASE(never_reads_a_failing_tool_as_absence,
                        network_fixture) {
  BOOST_REQUIRE_EQUAL(why_not(open("a").value()->ensure(order(part_a()))), "");
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
  BOOST_CHECK_EQUAL(why_not(open("a").value()->destroy("blue", "104-1")), "");
}

BOOST_FIXTURE_TEST_CASE(lists_who_holds_a_network_and_what_has_no_record,
                        network_fixture) {
  auto backend = open("a").value();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order(part_a()))), "");
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order(part_a(), "105-1"))), "");
  // Another node's, and files of the operator's.
  auto other = open("b").value();
  BOOST_REQUIRE_EQUAL(why_not(other->ensure(order(part_b(), "204-1"))), "");
  std::ofstream{folder + "/a/notes.txt"} << "of the operator";
  BOOST_CHECK_EQUAL(listed(*backend), "104-1 105-1 ");
  BOOST_CHECK_EQUAL(listed(*other), "204-1 ");
  // Ours by its name, but nobody remembers for whom.
  ip({"netns", "add", names("a", "lost").router});
  BOOST_CHECK_EQUAL(listed(*backend), "104-1 105-1 ? ");
  ip({"netns", "delete", names("a", "lost").router});
  BOOST_CHECK_EQUAL(why_not(other->destroy("blue", "204-1")), "");
  BOOST_CHECK_EQUAL(why_not(backend->destroy("blue", "104-1")), "");
  BOOST_CHECK_EQUAL(why_not(backend->destroy("blue", "105-1")), "");
  BOOST_CHECK_EQUAL(listed(*backend), "");
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_looked_at_is_no_empty_list,
                        network_fixture) {
  auto backend = open("a").value();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order(part_a()))), "");
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
  BOOST_CHECK_EQUAL(why_not(backend->destroy("blue", "104-1")), "");
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
