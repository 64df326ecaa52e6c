#include <filesystem>
#include <fstream>

#include "shim/small_file.hpp"
#include "tests/backends/figures.hpp"
#include "tests/backends/listed.hpp"
#include "tests/backends/public_ip_under_test.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_public_ip_backend_test,
                      *boost::unit_test::precondition(public_ips_are_possible))

BOOST_FIXTURE_TEST_CASE(tells_a_machine_how_to_set_up_its_card,
                        machine_on_bridge) {
  BOOST_CHECK_EQUAL(terms.address, "192.0.2.10/24");
  BOOST_CHECK_EQUAL(terms.gateway, gateway);
  BOOST_CHECK_EQUAL(terms.hardware_address, own_mac);
  BOOST_CHECK_EQUAL(terms.mtu, 1500);
  BOOST_CHECK_EQUAL(backend->inspect("42-1").machine, "103-1");
}

BOOST_FIXTURE_TEST_CASE(asking_twice_changes_nothing, machine_on_bridge) {
  const auto rules = ruleset();
  const auto before = links();
  BOOST_CHECK(is_present(*backend));
  steps none{0};
  const auto again = open(none.hook());
  BOOST_CHECK_EQUAL(why_not(again->ensure(order())), "");
  BOOST_CHECK_EQUAL(again->restore().value(), false);
  BOOST_CHECK_EQUAL(ruleset(), rules);
  BOOST_CHECK(again->attach("42-1", "103-1").error().message.find("make card")
              != std::string::npos);
  BOOST_REQUIRE(open()->attach("42-1", "103-1"));
  BOOST_CHECK_EQUAL(ruleset(), rules);
  BOOST_CHECK_EQUAL(links(), before);
}

BOOST_FIXTURE_TEST_CASE(each_address_has_a_guard_of_its_own,
                        machine_on_bridge) {
  add_machine("104-1");
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order("192.0.2.20/24", "43-1"))),
                      "");
  BOOST_REQUIRE(backend->attach("43-1", "104-1"));
  BOOST_CHECK(passes4(own_ip, udp(1000, 53, "question")));
  BOOST_CHECK(!passes4("192.0.2.20", udp(1000, 53, "question")));
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("43-1")), "");
  BOOST_CHECK(passes4(own_ip, udp(1000, 53, "question")));
  BOOST_CHECK(is_present(*backend));
}

BOOST_FIXTURE_TEST_CASE(touches_no_other_table, public_host) {
  BOOST_REQUIRE(net_space::ask(space(), [&] {
    return run({.program = tools.nft,
                .arguments = {"-f", "-"},
                .input = "table bridge others {\n  comment \"theirs\"\n}\n"});
  }));
  clean_ruleset = ruleset();
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  says(ruleset(), "table bridge others {");
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("42-1")), "");
  BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
}

BOOST_FIXTURE_TEST_CASE(destroying_leaves_nothing, machine_on_bridge) {
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("42-1")), "");
  BOOST_CHECK(backend->inspect("42-1").state == presence::absent);
  BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
  BOOST_CHECK_EQUAL(links(), clean_links);
  BOOST_CHECK_EQUAL(why_not(backend->destroy("42-1")), "");
  BOOST_CHECK_EQUAL(why_not(backend->detach("42-1", "103-1")), "");
}

BOOST_FIXTURE_TEST_CASE(a_machine_that_goes_leaves_the_address_to_the_next,
                        machine_on_bridge) {
  add_machine("104-1");
  const auto taken = backend->attach("42-1", "104-1");
  BOOST_REQUIRE(!taken);
  BOOST_CHECK(taken.error().code == errc::invalid_reservation);
  says(taken.error().message, "machine 103-1 has 42-1 already");
  // Not the one that has it.
  BOOST_CHECK_EQUAL(why_not(backend->detach("42-1", "104-1")), "");
  BOOST_CHECK_EQUAL(backend->inspect("42-1").machine, "103-1");
  BOOST_CHECK_EQUAL(why_not(backend->detach("42-1", "103-1")), "");
  BOOST_CHECK_EQUAL(links(), clean_links);
  BOOST_CHECK(is_present(*backend));
  BOOST_CHECK(backend->attach("42-1", "104-1"));
}

BOOST_FIXTURE_TEST_CASE(gives_the_card_also_where_the_address_is_gone,
                        public_host) {
  add_machine("103-1");
  const auto attached = open()->attach("42-1", "103-1");
  BOOST_REQUIRE(!attached);
  BOOST_CHECK(attached.error().code == errc::no_such_reservation);
  says(inside(space_of("103-1"), tools.ip, {"link", "show"}), public_tap);
  BOOST_CHECK_EQUAL(links(), clean_links);
}

BOOST_FIXTURE_TEST_CASE(comes_back_after_a_flush_and_a_reboot,
                        machine_on_bridge) {
  inside(space(), tools.nft, {"flush", "ruleset"});
  BOOST_CHECK(backend->inspect("42-1").state == presence::partial);
  BOOST_CHECK_EQUAL(backend->restore().value(), true);
  BOOST_CHECK(is_present(*backend));
  BOOST_CHECK(!passes4("192.0.2.11", udp(1000, 53, "question")));
  // What a reboot leaves: records alone.
  inside(space(), tools.nft, {"flush", "ruleset"});
  lose_machine("103-1");
  const auto again = open();
  BOOST_CHECK_EQUAL(again->restore().value(), true);
  BOOST_CHECK(is_present(*again));
  BOOST_CHECK_EQUAL(again->restore().value(), false);
  add_machine("103-1");
  BOOST_CHECK(again->inspect("42-1").state == presence::partial);
  BOOST_CHECK(again->attach("42-1", "103-1"));
  BOOST_CHECK(is_present(*again));
}

BOOST_FIXTURE_TEST_CASE(connects_anew_what_fell_off_the_bridge,
                        machine_on_bridge) {
  const auto port = public_port_name(node(), "42-1");
  ip({"-n", space(), "link", "set", port, "nomaster"});
  BOOST_CHECK(backend->inspect("42-1").state == presence::partial);
  BOOST_CHECK_EQUAL(backend->restore().value(), true);
  BOOST_CHECK(is_present(*backend));
  connect(*machine, *world, hello());
  BOOST_CHECK(passes4(own_ip, udp(1000, 53, "question")));
}

BOOST_FIXTURE_TEST_CASE(a_port_whose_record_is_damaged_is_shut,
                        machine_on_bridge) {
  const auto record = folder + "/42-1.address";
  const auto whole = shim::read_small(record);
  std::ofstream{record} << "address\t192.0";
  BOOST_CHECK(backend->inspect("42-1").state == presence::unknown);
  // Others are served all the same.
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order("192.0.2.20/24", "43-1"))),
                      "");
  const auto say = [&](const std::string& what) {
    machine->send(
      frame(own_mac, 0x0800, ipv4(own_ip, gateway, udp(1000, 53, what))));
  };
  say("while it is shut");
  std::ofstream{record} << whole;
  BOOST_CHECK_EQUAL(backend->restore().value(), true);
  say("open again");
  const auto heard = world->until("open again");
  BOOST_CHECK(!heard.empty());
  BOOST_CHECK(heard.find("while it is shut") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(recovers_from_a_crash_at_every_step, public_host) {
  add_machine("103-1");
  break_everywhere(
    *this,
    [&](host_public_ip_backend& backend) -> error {
      if (auto failed = backend.ensure(order()))
        return failed;
      const auto attached = backend.attach("42-1", "103-1");
      return attached ? error{} : attached.error();
    },
    [&](host_public_ip_backend& second) {
      BOOST_CHECK_EQUAL(why_not(second.ensure(order())), "");
      BOOST_CHECK(second.attach("42-1", "103-1"));
      BOOST_CHECK(is_present(second));
      BOOST_CHECK_EQUAL(why_not(second.destroy("42-1")), "");
      BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
      BOOST_CHECK_EQUAL(links(), clean_links);
    });
  break_everywhere(
    *this,
    [&](host_public_ip_backend& backend) -> error {
      const auto whole = open();
      BOOST_REQUIRE_EQUAL(why_not(whole->ensure(order())), "");
      BOOST_REQUIRE(whole->attach("42-1", "103-1"));
      if (auto failed = backend.detach("42-1", "103-1"))
        return failed;
      return backend.destroy("42-1");
    },
    [&](host_public_ip_backend& second) {
      BOOST_CHECK_EQUAL(why_not(second.destroy("42-1")), "");
      BOOST_CHECK(second.inspect("42-1").state == presence::absent);
      BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
      BOOST_CHECK_EQUAL(links(), clean_links);
    });
}

BOOST_FIXTURE_TEST_CASE(takes_back_what_a_failed_step_left, public_host) {
  int calls = 0;
  const auto backend = open([&](std::string_view step) {
    return step == "load filter" && calls++ == 0
             ? error{errc::backend_failure, "no memory"}
             : error{};
  });
  BOOST_CHECK(backend->ensure(order()).code == errc::backend_failure);
  BOOST_CHECK(open()->inspect("42-1").state == presence::absent);
  BOOST_CHECK_EQUAL(ruleset(), clean_ruleset);
}

BOOST_FIXTURE_TEST_CASE(refuses_an_address_that_somebody_has, public_host) {
  const auto backend = open();
  const auto refused
    = [&](const public_ip_order& wanted, const std::string& why) {
        const auto failed = backend->ensure(wanted);
        BOOST_CHECK(failed.code == errc::invalid_reservation);
        says(failed.message, why);
        BOOST_CHECK(backend->inspect(wanted.id).state == presence::absent);
      };
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  refused(order("192.0.2.10/24", "43-1"), "192.0.2.10 is reservation 42-1's");
  // Somebody answers for it on the network.
  ip({"-n", outside(), "address", "add", "192.0.2.30/24", "dev", "wire"});
  refused(order("192.0.2.30/24", "43-1"), "in use on the public network, by ");
  ip({"-n", space(), "address", "add", "192.0.2.40/24", "dev", "pub0"});
  refused(order("192.0.2.40/24", "43-1"), "is this host's own");
}

BOOST_FIXTURE_TEST_CASE(refuses_an_address_that_no_machine_can_have,
                        public_host) {
  const auto backend = open();
  for (const auto& [range, why] :
       {std::pair{"198.51.100.7/24", "not in one network with the gateway"},
        std::pair{"192.0.2.1/24", "is the gateway's"},
        std::pair{"192.0.2.0/24", "is the network's own"},
        std::pair{"192.0.2.255/24", "is the network's own"},
        std::pair{"2001:db8::1/64", "is no IPv4 address"}}) {
    const auto failed = backend->ensure(order(range));
    BOOST_CHECK(failed.code == errc::invalid_reservation);
    says(failed.message, why);
  }
  BOOST_CHECK(backend->ensure(order("192.0.2.10/24", "../x")).code
              == errc::invalid_reservation);
}

BOOST_FIXTURE_TEST_CASE(changes_the_address_of_one_that_no_machine_has,
                        machine_on_bridge) {
  const auto moved = order("192.0.2.11/24");
  const auto failed = backend->ensure(moved);
  BOOST_CHECK(failed.code == errc::invalid_reservation);
  says(failed.message, "machine 103-1 still has 192.0.2.10/24");
  BOOST_REQUIRE_EQUAL(why_not(backend->detach("42-1", "103-1")), "");
  BOOST_CHECK_EQUAL(why_not(backend->ensure(moved)), "");
  says(ruleset(), "ip saddr 192.0.2.11 accept");
}

BOOST_FIXTURE_TEST_CASE(names_the_bridge_that_is_not_there, public_host) {
  auto wanted = options();
  wanted.place.bridge = "pub9";
  const auto backend = open(std::move(wanted));
  const auto failed = backend->ensure(order());
  BOOST_CHECK(failed.code == errc::host_unavailable);
  says(failed.message, "public.bridge: pub9 is not there");
}

BOOST_FIXTURE_TEST_CASE(lists_what_is_here_recorded_or_not, machine_on_bridge) {
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order("192.0.2.20/24", "43-1"))),
                      "");
  std::filesystem::remove(folder + "/42-1.address");
  const auto held = backend->list();
  BOOST_REQUIRE_MESSAGE(held, why(held));
  BOOST_REQUIRE_EQUAL(held->size(), 2);
  BOOST_CHECK_EQUAL(held->at(0).id, "43-1");
  BOOST_CHECK_EQUAL(held->at(0).what, "192.0.2.20/24");
  BOOST_CHECK_EQUAL(held->at(1).id, "42-1");
  BOOST_CHECK(backend->inspect("42-1").state == presence::partial);
}

BOOST_FIXTURE_TEST_CASE(lists_no_foreign_port_and_no_foreign_file,
                        machine_on_bridge) {
  ip({"-n", space(), "link", "add", "tap-of-others", "type", "veth", "peer",
      "name", "other-end"});
  ip({"-n", space(), "link", "set", "tap-of-others", "master", "pub0"});
  std::ofstream{folder + "/notes.txt"} << "of the operator";
  std::ofstream{folder + "/notes.address"} << "of the operator";
  BOOST_CHECK_EQUAL(listed(*backend), "42-1 ");
  for (const auto* name : {"/notes.txt", "/notes.address"})
    std::filesystem::remove(folder + name);
  ip({"-n", space(), "link", "delete", "tap-of-others"});
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_looked_at_is_no_empty_list,
                        public_host) {
  const auto backend = open();
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  cannot_be_listed_by_nobody(*backend);
  // One whose record nobody can read is there all the same.
  const auto record = folder + "/42-1.address";
  std::filesystem::rename(record, folder + "/kept");
  std::ofstream{record} << "garbage";
  const auto held = backend->list();
  BOOST_REQUIRE_MESSAGE(held, why(held));
  BOOST_REQUIRE_EQUAL(held->size(), 1);
  BOOST_CHECK_EQUAL(held->at(0).id, "42-1");
  says(held->at(0).what, "cannot be read");
  std::filesystem::rename(folder + "/kept", record);
  // Nor is a bridge that cannot be asked an empty one.
  auto elsewhere = options();
  elsewhere.place.space = "nowhere";
  BOOST_CHECK(!open(std::move(elsewhere))->list());
}

// Figures for docs/public_ip.md; not run with the rest.
BOOST_FIXTURE_TEST_CASE(costs_little_more_than_the_tools_alone, public_host,
                        *boost::unit_test::precondition(figures_are_wanted)) {
  auto hasty = options();
  // No tool asks whether somebody has the address, so nobody is asked here.
  hasty.probe_patience = std::chrono::milliseconds{0};
  const auto backend = open(std::move(hasty));
  BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), "");
  const auto rules = ruleset();
  BOOST_REQUIRE_EQUAL(why_not(backend->destroy("42-1")), "");
  const scratch_folder hand;
  std::ofstream{hand.path() + "/rules"} << rules;
  const auto table = rules.substr(0, rules.find(" {"));
  const auto make = "ip -n $1 link show dev pub0 >/dev/null; "
                    "echo 192.0.2.10/24 >$2/address.new; "
                    "sync $2/address.new; mv $2/address.new $2/address; "
                    "sync $2; ip netns exec $1 nft -f $2/rules";
  const auto remove
    = "ip netns exec $1 nft delete " + table + "; rm $2/address; sync $2";
  compare(
    "address",
    {.make
     = [&] { BOOST_REQUIRE_EQUAL(why_not(backend->ensure(order())), ""); },
     .remove
     = [&] { BOOST_REQUIRE_EQUAL(why_not(backend->destroy("42-1")), ""); },
     .make_by_hand =
       [&] {
         by_shell(make, {space(), hand.path()});
       },
     .remove_by_hand =
       [&] {
         by_shell(remove, {space(), hand.path()});
       }});
}

BOOST_AUTO_TEST_SUITE_END()
