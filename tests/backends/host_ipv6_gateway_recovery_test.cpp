#include "backends/host/host_ipv6_gateway_backend.hpp"

#include <csignal>
#include <functional>
#include <set>

#include <sys/wait.h>

#include "backends/host/ipv6_gateway_keeper.hpp"
#include "tests/backends/ipv6_gateway_host.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::test;

namespace host_ipv6_gateway_recovery_test {
namespace {

/// Breaks `action` off at its first, second, ... step until it gets through.
/// `once`: only that step fails, as by a mishap; else all further ones do too,
/// as in a crash.
void break_everywhere(
  const ipv6_gateway_host& host, bool once,
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

/// Ends a process that was split off, without any of the test's own affairs.
[[noreturn]] void leave(bool well) {
  ::_exit(well ? 0 : 1);
}

/// How it ended: "0" for well, "signal 9".
std::string end_of(pid_t process) {
  int status = 0;
  ::waitpid(process, &status, 0);
  return WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                             : std::to_string(WEXITSTATUS(status));
}

} // namespace
} // namespace host_ipv6_gateway_recovery_test

BOOST_AUTO_TEST_SUITE(
  host_ipv6_gateway_recovery_test,
  *boost::unit_test::precondition(ipv6_gateways_are_possible))

BOOST_FIXTURE_TEST_CASE(what_fails_at_any_step_is_taken_back,
                        ipv6_gateway_host) {
  const auto key = a_key();
  break_everywhere(
    *this, true,
    [&](auto& all) {
      return failure_of(all.ensure({"110-1", key}));
    },
    [&](auto& all, bool broken) {
      if (!broken) {
        BOOST_CHECK(is_present(all));
        BOOST_CHECK_EQUAL(why_not(all.destroy("110-1")), "");
        return;
      }
      BOOST_CHECK(all.inspect("110-1").state == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(can_be_made_after_a_crash_at_any_step,
                        ipv6_gateway_host) {
  const auto key = a_key();
  break_everywhere(
    *this, false,
    [&](auto& all) {
      return failure_of(all.ensure({"110-1", key}));
    },
    [&](auto& all, bool) {
      BOOST_CHECK_EQUAL(why_not(failure_of(all.ensure({"110-1", key}))), "");
      BOOST_CHECK(is_present(all));
      BOOST_CHECK_EQUAL(why_not(all.destroy("110-1")), "");
      BOOST_CHECK_EQUAL(traces(), "");
    });
}

BOOST_FIXTURE_TEST_CASE(can_be_removed_after_a_crash_at_any_step,
                        ipv6_gateway_host) {
  const auto key = a_key();
  break_everywhere(
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
                        ipv6_gateway_host) {
  ipv6_client client{tools, underlay("b"), "x"};
  const auto terms = open()->ensure({"110-1", client.keys.shown});
  BOOST_REQUIRE(terms);
  client.set_up(*terms);
  const ipv6_visitor here{client.space(), bare(terms->address)};
  const ipv6_visitor there{outside(), far_address};
  const auto key = a_key();
  break_everywhere(
    *this, true,
    [&](auto& all) {
      return failure_of(all.ensure({"111-1", key}));
    },
    [&](auto& all, bool broken) {
      BOOST_CHECK(is_present(all));
      BOOST_CHECK_EQUAL(all.list().value().size(), broken ? 1 : 2);
      BOOST_CHECK(here.reaches(there, far_address));
    });
}

BOOST_FIXTURE_TEST_CASE(what_somebody_changed_is_seen_and_put_right,
                        ipv6_gateway_host) {
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
      BOOST_CHECK(is_present(*all));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(other_terms_are_taken_over, ipv6_gateway_host) {
  BOOST_REQUIRE(open()->ensure({"110-1", a_key()}));
  auto moved = options();
  moved.terms.address = range("2001:db8:1:2::6/64");
  moved.terms.router = address("fe80::1");
  moved.terms.port = 41007;
  const auto all = open(std::move(moved));
  BOOST_CHECK(all->inspect("110-1").state == presence::partial);
  BOOST_CHECK_EQUAL(all->restore().value(), true);
  BOOST_CHECK(is_present(*all));
  BOOST_CHECK(inside(own_names().space, tools.ip, {"-6", "route", "show"})
                .find("default via fe80::1")
              != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(comes_back_by_itself, ipv6_gateway_host) {
  std::atomic<int> restored{0};
  ipv6_client client{tools, underlay("b"), "x"};
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
  const auto keeper = keep_ipv6_gateway(
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

BOOST_FIXTURE_TEST_CASE(what_came_after_its_keeper_comes_back_too,
                        ipv6_gateway_host) {
  const auto all = open();
  std::atomic<int> restored{0};
  const auto keeper = keep_ipv6_gateway(
    *all, [&](const error& failed) { restored += failed ? 0 : 1; },
    std::chrono::milliseconds{1});
  BOOST_REQUIRE(keeper);
  BOOST_REQUIRE(all->ensure({"110-1", a_key()}));
  if (!tools.wireguard_go.empty()) {
    ::kill(all->helper().value(), SIGKILL);
    BOOST_CHECK(eventually([&] { return restored > 0; }));
    BOOST_CHECK(is_present(*all));
  }
  // As a process that dies once it has written down what it wants: the kernel
  // has nothing to tell of it.
  int left = 1;
  const auto dying = open([&](std::string_view) {
    return left-- > 0 ? error{} : error{errc::backend_failure, "dead"};
  });
  BOOST_REQUIRE(!dying->ensure({"111-1", a_key()}));
  (*keeper)->look_again();
  BOOST_CHECK(eventually([&] { return is_present(*all, "111-1"); }));
}

BOOST_FIXTURE_TEST_CASE(a_process_that_dies_at_any_step_leaves_all_to_the_next,
                        ipv6_gateway_host) {
  const auto all = open();
  const auto key = a_key();
  const auto others = a_key();
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 40);
    int left = passed;
    // Names of the host's are made of the number of this process.
    auto its_options = options([&](std::string_view) {
      if (left-- == 0)
        ::raise(SIGKILL);
      return error{};
    });
    const auto other = ::fork();
    if (other == 0) {
      const auto its = host_ipv6_gateway_backend::open(std::move(its_options));
      leave(its && (*its)->ensure({"111-1", others}));
    }
    const auto end = end_of(other);
    BOOST_TEST_CONTEXT("after " << passed << " steps: " << end) {
      // It is neither waited for nor in the way.
      BOOST_CHECK_EQUAL(why_not(failure_of(all->ensure({"110-1", key}))), "");
      BOOST_CHECK(is_present(*all, "110-1"));
      BOOST_CHECK(passed == 0 || is_present(*all, "111-1"));
      for (const auto* id : {"110-1", "111-1"})
        BOOST_CHECK_EQUAL(why_not(all->destroy(id)), "");
      BOOST_CHECK_EQUAL(traces(), "");
    }
    if (end != "signal 9") {
      BOOST_CHECK_EQUAL(end, "0");
      return;
    }
  }
}

BOOST_FIXTURE_TEST_CASE(two_processes_that_work_at_once_lose_no_client,
                        ipv6_gateway_host) {
  constexpr int rounds = 6;
  std::vector<std::string> wanted;
  for (int i = 0; i < rounds; ++i)
    wanted.push_back(a_key());
  // Clients come and go, and each key is asked for by both.
  const auto work = [&](host_ipv6_gateway_backend& all,
                        const std::string& name) {
    bool well = true;
    for (int i = 0; i < rounds; ++i) {
      const auto id = name + '-' + std::to_string(i);
      const auto passing = name + "-1" + std::to_string(i);
      well = all.ensure({passing, a_key()}) && well;
      const auto done = all.ensure({id, wanted.at(i)});
      well = (done || done.error().code == errc::invalid_reservation) && well;
      well = !all.destroy(passing) && well;
    }
    return well;
  };
  auto its_options = options();
  const auto other = ::fork();
  if (other == 0) {
    const auto its = host_ipv6_gateway_backend::open(std::move(its_options));
    leave(its && work(**its, "111"));
  }
  const auto all = open();
  BOOST_CHECK(work(*all, "110"));
  BOOST_CHECK_EQUAL(end_of(other), "0");
  const auto left = all->list();
  BOOST_REQUIRE_MESSAGE(left, why(left));
  BOOST_CHECK_EQUAL(left->size(), rounds);
  std::set<std::string> addresses;
  for (const auto& one : *left) {
    BOOST_CHECK(is_present(*all, one.id));
    addresses.insert(one.what);
  }
  BOOST_CHECK_EQUAL(addresses.size(), rounds);
}

BOOST_AUTO_TEST_SUITE_END()
