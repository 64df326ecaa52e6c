#include "tests/backends/zdb_under_test.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(host_zdb_recovery_test)

BOOST_FIXTURE_TEST_CASE(outlives_the_daemon_and_is_recognised, zdb_host) {
  made(open()->ensure(order()));
  const auto before = open()->processes().look("user").pid;
  BOOST_CHECK_GT(before, 0);
  const auto again = open();
  BOOST_CHECK_EQUAL(again->restore("user").value(), false);
  BOOST_CHECK(again->inspect("101-1").state == presence::present);
  made(again->ensure(order()));
  BOOST_CHECK_EQUAL(again->processes().look("user").pid, before);
}

BOOST_FIXTURE_TEST_CASE(is_started_again_when_its_server_dies, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  for (int death = 1; death <= 5; ++death) {
    const auto before = backend->processes().look("user").pid;
    BOOST_REQUIRE_EQUAL(::kill(before, SIGKILL), 0);
    BOOST_CHECK(eventually([&] {
      const auto pid = backend->processes().look("user").pid;
      return pid > 0 && pid != before
             && backend->inspect("101-1").state == presence::present;
    }));
  }
  zdb_client user{9900};
  BOOST_CHECK_EQUAL(user.says({"SELECT", "101-1", "open sesame"}), "OK");
}

BOOST_FIXTURE_TEST_CASE(comes_back_after_a_reboot_or_the_death_of_its_shim,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  // As a reboot of the host does.
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  BOOST_CHECK(backend->inspect("101-1").state == presence::partial);
  BOOST_CHECK_EQUAL(backend->restore("user").value(), true);
  BOOST_CHECK(backend->inspect("101-1").state == presence::present);
  const auto shim = parent_of(backend->processes().look("user").pid);
  BOOST_REQUIRE_EQUAL(::kill(shim, SIGKILL), 0);
  BOOST_CHECK(eventually(
    [&] { return backend->processes().look("user").is == state::unattended; }));
  BOOST_CHECK_EQUAL(backend->restore("user").value(), true);
  BOOST_CHECK(backend->inspect("101-1").state == presence::present);
}

BOOST_FIXTURE_TEST_CASE(a_half_made_one_is_closed_and_finished, zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  // As if the node had died before the password was set.
  auto ruler = ruler_of(*backend);
  BOOST_REQUIRE_EQUAL(why_not(ruler.remove("101-1")), "");
  BOOST_CHECK(backend->inspect("101-1").state == presence::partial);
  auto bare = order();
  bare.password = secret{};
  bare.is_public = true;
  bare.size_bytes = 1;
  BOOST_REQUIRE_EQUAL(why_not(ruler.create(bare)), "");
  made(backend->ensure(order()));
  const auto facts = backend->inspect("101-1");
  BOOST_CHECK(facts.has_password);
  BOOST_CHECK(!facts.is_public);
  BOOST_CHECK_EQUAL(facts.size_bytes, 1U << 20U);
}

BOOST_FIXTURE_TEST_CASE(one_that_is_found_without_a_note_keeps_its_content,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  made(backend->ensure(order("102-1")));
  zdb_client user{9900};
  user.says({"SELECT", "101-1", "open sesame"});
  BOOST_CHECK_EQUAL(user.says({"SET", "key", "value"}), "key");
  std::filesystem::remove(backend->processes().folder_of("user")
                          + "/names/101-1");
  auto too_small = order();
  too_small.size_bytes = 1;
  refused(backend->ensure(too_small), errc::invalid_reservation, "in use");
  made(backend->ensure(order()));
  BOOST_CHECK_EQUAL(user.says({"GET", "key"}), "value");
}

BOOST_FIXTURE_TEST_CASE(says_why_a_server_does_not_start, zdb_host) {
  const squatter other{9900};
  auto hasty = options();
  hasty.start_patience = std::chrono::milliseconds{300};
  const auto backend = open(hasty);
  refused(backend->ensure(order()), errc::host_unavailable,
          "the 0-db server user does not answer");
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(a_server_that_fails_costs_no_namespace_its_content,
                        zdb_host) {
  auto hasty = options();
  hasty.start_patience = std::chrono::milliseconds{300};
  const auto backend = open(hasty);
  made(backend->ensure(order()));
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  {
    const squatter other{9900};
    const auto done = backend->ensure(order("102-1"));
    refused(done, errc::host_unavailable, "does not answer");
    BOOST_CHECK(!holds(done.error().message, "still there"));
    BOOST_CHECK(backend->inspect("102-1").state == presence::absent);
    BOOST_CHECK(backend->destroy("101-1").code == errc::host_unavailable);
  }
  // Its shim tries on.
  BOOST_CHECK(eventually(
    [&] { return backend->inspect("101-1").state == presence::present; }));
}

BOOST_FIXTURE_TEST_CASE(an_empty_server_never_takes_the_place_of_lost_data,
                        zdb_host) {
  const auto backend = open();
  made(backend->ensure(order()));
  BOOST_REQUIRE_EQUAL(why_not(backend->processes().stop("user")), "");
  std::filesystem::rename(pool(), root + "/elsewhere");
  std::filesystem::create_directory(pool());
  const auto done = backend->restore("user");
  BOOST_REQUIRE(!done);
  BOOST_CHECK(done.error().code == errc::host_unavailable);
  BOOST_CHECK(holds(done.error().message, "mount the pool's disk"));
  BOOST_CHECK(std::filesystem::is_empty(pool()));
  refused(backend->ensure(order("102-1")), errc::host_unavailable,
          "mount the pool's disk");
  std::filesystem::remove(pool());
  std::filesystem::rename(root + "/elsewhere", pool());
  BOOST_CHECK_EQUAL(backend->restore("user").value(), true);
  BOOST_CHECK(backend->inspect("101-1").state == presence::present);
}

BOOST_FIXTURE_TEST_CASE(recovers_from_a_crash_at_every_step, zdb_host) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 30);
    BOOST_TEST_CONTEXT("broken off after " << passed << " steps") {
      steps counted{passed};
      const auto first = open(counted.hook())->ensure(order());
      const auto second = open();
      made(second->ensure(order()));
      const auto facts = second->inspect("101-1");
      BOOST_CHECK_MESSAGE(facts.state == presence::present, facts.reason);
      BOOST_CHECK(facts.has_password);
      steps left{passed};
      const auto stuck = open(left.hook())->destroy("101-1");
      BOOST_REQUIRE_EQUAL(why_not(second->destroy("101-1")), "");
      BOOST_CHECK(second->inspect("101-1").state == presence::absent);
      BOOST_CHECK_EQUAL(traces(), "");
      if (first && !stuck)
        return;
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
