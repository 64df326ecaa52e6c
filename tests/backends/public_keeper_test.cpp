#include "backends/host/public_keeper.hpp"

#include <atomic>

#include "tests/backends/public_host.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(public_keeper_test,
                      *boost::unit_test::precondition(public_ips_are_possible))

namespace {

struct keeper_fixture : public_host {
  std::unique_ptr<change_keeper> keep(host_public_ip_backend& backend) {
    auto keeper = keep_public_ips(
      backend,
      [this](const error& failure) { ++(failure ? failures : restored); },
      std::chrono::milliseconds{1});
    BOOST_REQUIRE(keeper);
    return std::move(*keeper);
  }

  static bool is_whole(host_public_ip_backend& backend) {
    return eventually(
      [&] { return backend.inspect("42-1").state == presence::present; });
  }

  std::atomic<int> restored = 0;
  std::atomic<int> failures = 0;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(loads_at_the_start_what_a_reboot_took, keeper_fixture) {
  const auto backend = open();
  BOOST_REQUIRE(!backend->ensure(order()));
  inside(space(), tools.nft, {"flush", "ruleset"});
  const auto keeper = keep(*backend);
  BOOST_CHECK(is_whole(*backend));
  BOOST_CHECK(eventually([&] { return restored > 0; }));
}

BOOST_FIXTURE_TEST_CASE(loads_the_filter_as_soon_as_somebody_flushes_it,
                        keeper_fixture) {
  const auto backend = open();
  BOOST_REQUIRE(!backend->ensure(order()));
  const auto keeper = keep(*backend);
  for (int flush = 1; flush <= 3; ++flush) {
    inside(space(), tools.nft, {"flush", "ruleset"});
    BOOST_CHECK(eventually([&] { return restored >= flush; }));
    BOOST_CHECK(is_whole(*backend));
  }
}

BOOST_FIXTURE_TEST_CASE(connects_what_somebody_takes_off_the_bridge,
                        keeper_fixture) {
  add_machine("103-1");
  const auto backend = open();
  BOOST_REQUIRE(!backend->ensure(order()));
  BOOST_REQUIRE(backend->attach("42-1", "103-1"));
  const auto keeper = keep(*backend);
  ip({"-n", space(), "link", "delete", public_port_name(node(), "42-1")});
  BOOST_CHECK(eventually([&] { return restored > 0; }));
  BOOST_CHECK(is_whole(*backend));
}

BOOST_FIXTURE_TEST_CASE(tries_again_what_cannot_be_restored, keeper_fixture) {
  BOOST_REQUIRE(!open()->ensure(order()));
  inside(space(), tools.nft, {"flush", "ruleset"});
  std::atomic<bool> is_broken = true;
  const auto backend = open([&](std::string_view) {
    return is_broken ? error{errc::backend_failure, "no memory"} : error{};
  });
  const auto keeper = keep(*backend);
  BOOST_CHECK(eventually([&] { return failures > 0; }));
  is_broken = false;
  BOOST_CHECK(is_whole(*backend));
}

BOOST_AUTO_TEST_SUITE_END()
