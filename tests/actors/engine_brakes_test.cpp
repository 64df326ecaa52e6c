#include <boost/test/unit_test.hpp>

#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace engine_brakes_test {
namespace {

reservation deleting(std::string id) {
  auto r = a_volume(std::move(id));
  r.to_delete = true;
  return r;
}

std::string id_of(int number) {
  return std::to_string(number) + "-1";
}

struct fixture : node_under_test {
  void begin() {
    guard = std::make_shared<clock_guard>(
      config::clock_settings{.jump_max = 1min, .settling_time = 1h}, opinion);
    start();
  }

  void explorer_says(timestamp said) {
    opinion->tell(said, scheduler.clock().now());
  }

  std::shared_ptr<told_time> opinion = std::make_shared<told_time>();

  /// Volumes 1-1 to `count`-1 with `life` ahead of them.
  void fill(int count, std::chrono::nanoseconds life) {
    std::vector<reservation> page;
    for (int i = 1; i <= count; ++i) {
      page.push_back(a_volume(id_of(i)));
      page.back().created = clock->now();
      page.back().duration = life;
    }
    give(page);
  }

  void order_deletions(int first, int last) {
    std::vector<reservation> page;
    for (int i = first; i <= last; ++i)
      page.push_back(deleting(id_of(i)));
    give(page);
  }

  std::size_t running() {
    std::size_t count = 0;
    store().for_each([&](const record_summary& row) {
      count += row.state == record_state::provisioned ? 1 : 0;
    });
    return count;
  }
};

} // namespace
} // namespace engine_brakes_test

BOOST_FIXTURE_TEST_SUITE(engine_brakes_test, fixture)

// -- the clock ----------------------------------------------------------------

BOOST_AUTO_TEST_CASE(expires_nothing_because_the_clock_jumped_ahead) {
  begin();
  fill(10, 2h);
  advance(1min);
  clock->advance(24h);
  advance(30min, 1s);
  BOOST_TEST(running() == 10);
  BOOST_TEST((status().clock_distrust.code == errc::clock_untrusted));
  // It was wrong: all live on, and end when their time is over.
  clock->advance(-24h);
  advance(1min, 1s);
  BOOST_TEST(!status().clock_distrust);
  BOOST_TEST(running() == 10);
  advance(2h, 1s);
  BOOST_TEST(running() == 0);
}

BOOST_AUTO_TEST_CASE(expires_what_is_over_once_the_clock_has_settled) {
  begin();
  fill(3, 2h);
  clock->advance(24h);
  advance(59min, 1s);
  BOOST_TEST(running() == 3);
  advance(3min, 1s);
  BOOST_TEST(running() == 0);
}

BOOST_AUTO_TEST_CASE(expires_what_is_over_when_an_operator_confirms_the_clock) {
  begin();
  fill(3, 2h);
  clock->advance(24h);
  advance(1min, 1s);
  BOOST_TEST(running() == 3);
  BOOST_TEST(!!ask<done>(engine, confirm_clock{}));
  advance(1min, 1s);
  BOOST_TEST(running() == 0);
}

BOOST_AUTO_TEST_CASE(rejects_nothing_as_expired_while_the_clock_is_wrong) {
  begin();
  advance(1min);
  auto r = a_volume("1-1");
  r.created = clock->now();
  r.duration = 2h;
  clock->advance(24h);
  give({r});
  BOOST_TEST((find("1-1")->state == record_state::accepted));
  BOOST_TEST(status().waiting == 1);
  clock->advance(-24h);
  advance(1min, 1s);
  BOOST_TEST((find("1-1")->state == record_state::provisioned));
}

BOOST_AUTO_TEST_CASE(knows_after_a_restart_that_the_clock_starts_in_1970) {
  begin();
  fill(3, 2h);
  advance(11min, 1s);
  auto before = clock->now();
  clock->set(from_unix(60));
  guard = std::make_shared<clock_guard>(config::clock_settings{});
  restart();
  BOOST_TEST((status().clock_distrust.code == errc::clock_untrusted));
  clock->set(saturating_add(before, 1h));
  advance(1min, 1s);
  BOOST_TEST(!status().clock_distrust);
  BOOST_TEST(running() == 3);
  advance(1h, 1s);
  BOOST_TEST(running() == 0);
}

BOOST_AUTO_TEST_CASE(knows_it_too_if_the_disk_was_full_at_first) {
  bool full = true;
  before_apply = [&] {
    return full ? error{errc::disk_full, "no space"} : error{};
  };
  begin();
  full = false;
  advance(1min, 1s);
  fill(3, 2h);
  clock->set(from_unix(60));
  guard = std::make_shared<clock_guard>(config::clock_settings{});
  restart();
  BOOST_TEST((status().clock_distrust.code == errc::clock_untrusted));
  BOOST_TEST(running() == 3);
}

BOOST_AUTO_TEST_CASE(knows_after_a_restart_what_the_explorer_contradicted) {
  constexpr auto year = 24h * 365;
  const auto truth = clock->now();
  clock->advance(10 * year);
  explorer_says(truth);
  // It never has a time that it trusts.
  begin();
  auto r = a_volume("1-1");
  r.created = truth;
  r.duration = 11 * year;
  give({r});
  clock->advance(2 * year);
  advance(1min, 1s);
  BOOST_TEST(running() == 1);
  // The explorer is away when it starts again.
  opinion = std::make_shared<told_time>();
  guard = std::make_shared<clock_guard>(config::clock_settings{}, opinion);
  restart();
  advance(2min, 1s);
  BOOST_TEST((status().clock_distrust.code == errc::clock_untrusted));
  BOOST_TEST(running() == 1);
  clock->advance(-12 * year);
  advance(1min, 1s);
  BOOST_TEST(!status().clock_distrust);
}

BOOST_AUTO_TEST_CASE(expires_nothing_because_the_explorers_clock_is_ahead) {
  begin();
  fill(3, 2h);
  // Ten years, again and again: the wall clock knows better, and waits.
  for (int i = 0; i < 60; ++i) {
    explorer_says(saturating_add(clock->now(), 24h * 3650));
    advance(1min, 1s);
  }
  BOOST_TEST(running() == 3);
  BOOST_TEST((status().clock_distrust.code == errc::clock_untrusted));
  explorer_says(clock->now());
  advance(1min, 1s);
  BOOST_TEST(!status().clock_distrust);
  BOOST_TEST(running() == 3);
  advance(1h, 1s);
  BOOST_TEST(running() == 0);
}

BOOST_AUTO_TEST_CASE(expires_nothing_while_the_explorer_contradicts_the_clock) {
  begin();
  fill(3, 2h);
  clock->advance(24h);
  // It runs evenly for longer than the settling time, and is wrong.
  for (int i = 0; i < 90; ++i) {
    explorer_says(saturating_add(clock->now(), -24h));
    advance(1min, 1s);
  }
  BOOST_TEST(running() == 3);
  clock->advance(-24h);
  explorer_says(clock->now());
  advance(1min, 1s);
  BOOST_TEST(!status().clock_distrust);
  advance(30min, 1s);
  BOOST_TEST(running() == 0);
}

BOOST_AUTO_TEST_CASE(expires_at_once_when_the_explorer_confirms_the_clock) {
  begin();
  fill(3, 2h);
  clock->advance(24h);
  advance(1min, 1s);
  BOOST_TEST(running() == 3);
  explorer_says(clock->now());
  advance(1min, 1s);
  BOOST_TEST(running() == 0);
}

// -- deletions ----------------------------------------------------------------

BOOST_AUTO_TEST_CASE(holds_an_unusual_number_of_deletions_until_confirmed) {
  settings.deletions_max = 3;
  start();
  fill(10, std::chrono::nanoseconds::max());
  order_deletions(1, 8);
  BOOST_TEST(running() == 2);
  BOOST_TEST(status().deletions_held == 5);
  BOOST_TEST(status().removed == 3);
  // Others pass, and time alone does not let them go.
  give({a_volume("20-1")});
  BOOST_TEST((find("20-1")->state == record_state::provisioned));
  advance(1h, 1min);
  BOOST_TEST(status().removed == 3);
  calls.clear();
  BOOST_TEST(!!ask<done>(engine, confirm_deletions{}));
  std::vector<std::string> wanted;
  for (int i = 4; i <= 8; ++i)
    wanted.push_back("decommission " + id_of(i));
  BOOST_TEST(calls == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(lets_through_no_more_deletions_after_a_restart) {
  settings.deletions_max = 3;
  start();
  fill(10, std::chrono::nanoseconds::max());
  order_deletions(1, 8);
  restart();
  restart();
  BOOST_TEST(status().deletions_held == 5);
  ask<done>(engine, confirm_deletions{});
  BOOST_TEST(status().deletions_held == 0);
  restart();
  BOOST_TEST(running() == 2);
}

BOOST_AUTO_TEST_CASE(holds_an_unusual_share_of_what_the_node_runs) {
  settings.deletions_share = 50;
  settings.deletions_free = 2;
  start();
  fill(10, std::chrono::nanoseconds::max());
  order_deletions(1, 4);
  advance(1min, 1s);
  // What went already does not make the share of the next larger.
  order_deletions(5, 8);
  BOOST_TEST(status().removed == 5);
  BOOST_TEST(status().deletions_held == 3);
  // Expiry and new workloads are nobody's deletion.
  give({a_volume("20-1")});
  BOOST_TEST((find("20-1")->state == record_state::provisioned));
  BOOST_TEST(!!ask<done>(engine, confirm_deletions{}));
  BOOST_TEST(status().deletions_held == 0);
  BOOST_TEST(status().removed == 8);
  BOOST_TEST(running() == 3);
}

BOOST_AUTO_TEST_CASE(counts_the_share_again_after_a_restart) {
  settings.deletions_share = 50;
  settings.deletions_free = 2;
  start();
  fill(10, std::chrono::nanoseconds::max());
  order_deletions(1, 8);
  BOOST_TEST(status().deletions_held == 3);
  restart();
  BOOST_TEST(status().deletions_held == 3);
  BOOST_TEST(running() == 2);
}

BOOST_AUTO_TEST_CASE(lets_a_tenant_remove_its_few_workloads_at_once) {
  settings.deletions_share = 50;
  settings.deletions_free = 4;
  start();
  fill(4, std::chrono::nanoseconds::max());
  order_deletions(1, 4);
  BOOST_TEST(running() == 0);
  BOOST_TEST(status().deletions_held == 0);
}

BOOST_AUTO_TEST_CASE(lets_through_deletions_that_come_one_by_one) {
  settings.deletions_max = 3;
  settings.deletions_window = 10min;
  start();
  fill(10, std::chrono::nanoseconds::max());
  for (int i = 1; i <= 8; ++i) {
    order_deletions(i, i);
    advance(4min, 1min);
  }
  BOOST_TEST(running() == 2);
}

BOOST_AUTO_TEST_CASE(holds_no_expiry_and_nothing_if_it_is_told_so) {
  settings.deletions_max = 3;
  start();
  fill(10, 1h);
  advance(2h, 1min);
  BOOST_TEST(running() == 0);
  settings.deletions_max = settings.deletions_share = 0;
  restart();
  std::vector<reservation> page;
  for (int i = 11; i <= 60; ++i)
    page.push_back(a_volume(id_of(i)));
  give(page);
  BOOST_TEST(running() == 50);
  order_deletions(11, 60);
  BOOST_TEST(running() == 0);
  BOOST_TEST(status().deletions_held == 0);
}

BOOST_AUTO_TEST_CASE(deletes_nothing_because_a_source_forgot_it) {
  start();
  fill(10, std::chrono::nanoseconds::max());
  // A controller without memory: empty pages, and the end of its history.
  for (int i = 0; i < 5; ++i)
    give(source_page{.source = "test", .cursor = 0, .history_end = true});
  advance(1h, 1min);
  BOOST_TEST(running() == 10);
  restart();
  BOOST_TEST(running() == 10);
}

BOOST_AUTO_TEST_SUITE_END()
