#include "actors/janitor.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace janitor_test {
namespace {

/// A node whose host is two lists.
struct fixture : node_under_test {
  void open(bool removes = false) {
    start();
    source_page end{.source = "test", .history_end = true};
    give(std::move(end));
    watch(removes);
  }

  /// A janitor as a new process has it.
  void watch(bool removes = false) {
    janitor_settings.remove = removes;
    janitor_peers peers{.engine = engine,
                        .cache = cache,
                        .inventories = {of(reservation_types::container),
                                        of(reservation_types::volume)},
                        .board = board,
                        .clock = clock};
    cleaner = keep(system.spawn(janitor, std::move(peers), janitor_settings));
    run();
  }

  inventory of(const reservation_type& type) {
    return {.type = type,
            .list = [this, type]() -> expected<std::vector<held_object>> {
              if (fault && type == reservation_types::container)
                return fail(fault);
              return host[type.name];
            },
            .remove = [this, type](const held_object& what) -> error {
              ++tries;
              if (removal_throws)
                throw std::runtime_error{"fell over"};
              if (removal_fault)
                return removal_fault;
              removed.push_back(type.name + ':' + what.id);
              std::erase(host[type.name], what);
              return {};
            }};
  }

  void look() {
    caf::anon_send(cleaner, look_for_orphans{});
    run();
  }

  void add(std::string id) { host["volume"].push_back({.id = std::move(id)}); }

  std::vector<std::string> orphans() const {
    std::vector<std::string> keys;
    for (const auto& one : board->read().orphans)
      keys.push_back(one.key() + ' ' + std::string{to_string(one.why.is)});
    return keys;
  }

  void delete_volume(const std::string& id) {
    auto over = a_volume(id);
    over.to_delete = true;
    give({over});
    BOOST_REQUIRE(!find(id));
  }

  /// A volume whose reservation is gone, and which is not to be removed yet.
  void leave_behind(const std::string& id) {
    give({a_volume(id)});
    delete_volume(id);
    add(id);
    removal_fault = {errc::host_busy, "mounted"};
    look();
  }
  orphan left() const {
    BOOST_REQUIRE_EQUAL(board->read().orphans.size(), 1);
    return board->read().orphans[0];
  }

  error order(const std::string& key) {
    const auto answer
      = ask<done>(cleaner, remove_orphan{.key = key, .reason = "agreed"});
    return answer ? error{} : answer.error();
  }

  std::map<std::string, std::vector<held_object>> host;
  std::vector<std::string> removed;
  int tries = 0;
  error fault;
  error removal_fault;
  bool removal_throws = false;
  config::janitor_settings janitor_settings;
  std::shared_ptr<orphan_board> board = std::make_shared<orphan_board>();
  janitor_actor cleaner;
};

using list = std::vector<std::string>;

} // namespace
} // namespace janitor_test

BOOST_FIXTURE_TEST_SUITE(janitor_test, fixture)

BOOST_AUTO_TEST_CASE(reports_what_has_no_record_and_spares_what_is_unknown) {
  const std::vector<typed_object> all{
    {reservation_types::volume, {.id = "1-1"}},
    {reservation_types::volume, {.id = "2-1"}},
    {reservation_types::zdb, {.id = "3-1"}}};
  const auto report = cleanup_resources(all, [](const std::string& id) {
    return reservation_fate{.is = id == "1-1"   ? fate::live
                                  : id == "2-1" ? fate::unknown
                                                : fate::unheard};
  });
  BOOST_CHECK_EQUAL(report.looked_at, 3);
  BOOST_REQUIRE_EQUAL(report.orphans.size(), 1);
  BOOST_CHECK_EQUAL(report.orphans[0].key(), "zdb:3-1");
}

BOOST_AUTO_TEST_CASE(tells_what_was_never_heard_of_from_what_is_gone) {
  open();
  give({a_volume("1-1"), a_volume("2-1")});
  delete_volume("2-1");
  for (const auto* id : {"1-1", "2-1", "3-1"})
    add(id);
  look();
  BOOST_TEST(orphans() == (list{"volume:2-1 gone", "volume:3-1 unheard"}),
             boost::test_tools::per_element());
  BOOST_CHECK_EQUAL(board->read().looked_over, 3);
  BOOST_CHECK_EQUAL(board->read().obstacle, "");
}

BOOST_AUTO_TEST_CASE(compares_nothing_before_the_history_is_worked_through) {
  start();
  watch();
  add("3-1");
  look();
  BOOST_CHECK(orphans().empty());
  BOOST_CHECK(board->read().obstacle.find("history") != std::string::npos);
  source_page end{.source = "test", .history_end = true};
  give(std::move(end));
  // By itself, soon.
  advance(31s, 1s);
  BOOST_TEST(orphans() == list{"volume:3-1 unheard"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(removes_nothing_unless_it_is_told_to) {
  open();
  give({a_volume("2-1")});
  delete_volume("2-1");
  add("2-1");
  advance(48h, 10min);
  BOOST_CHECK(removed.empty());
  BOOST_CHECK_EQUAL(orphans().size(), 1);
}

BOOST_AUTO_TEST_CASE(removes_what_is_gone_after_the_time_of_quarantine) {
  open(true);
  give({a_volume("1-1"), a_volume("2-1")});
  delete_volume("2-1");
  for (const auto* id : {"1-1", "2-1", "3-1"})
    add(id);
  look();
  advance(23h, 10min);
  BOOST_CHECK(removed.empty());
  advance(2h, 10min);
  BOOST_TEST(removed == list{"volume:2-1"}, boost::test_tools::per_element());
  // However long they are seen: nobody ordered these to go.
  advance(480h, 10min);
  BOOST_CHECK_EQUAL(removed.size(), 1);
  BOOST_TEST(orphans() == list{"volume:3-1 unheard"},
             boost::test_tools::per_element());
  BOOST_CHECK_EQUAL(board->read().removed, 1);
}

BOOST_AUTO_TEST_CASE(the_time_of_quarantine_begins_anew_with_the_process) {
  open(true);
  give({a_volume("2-1")});
  delete_volume("2-1");
  add("2-1");
  look();
  advance(23h, 10min);
  caf::anon_send_exit(cleaner, caf::exit_reason::kill);
  watch(true);
  look();
  advance(23h, 10min);
  BOOST_CHECK(removed.empty());
  advance(2h, 10min);
  BOOST_CHECK_EQUAL(removed.size(), 1);
}

BOOST_AUTO_TEST_CASE(the_wall_clock_hurries_nothing) {
  open(true);
  give({a_volume("2-1")});
  delete_volume("2-1");
  add("2-1");
  look();
  clock->advance(1000h);
  look();
  BOOST_CHECK(removed.empty());
}

BOOST_AUTO_TEST_CASE(what_was_away_for_a_look_is_new) {
  open(true);
  give({a_volume("2-1")});
  delete_volume("2-1");
  add("2-1");
  look();
  advance(23h, 10min);
  host["volume"].clear();
  look();
  add("2-1");
  look();
  advance(2h, 10min);
  BOOST_CHECK(removed.empty());
}

BOOST_AUTO_TEST_CASE(spares_a_volume_that_a_container_uses) {
  open(true);
  give({a_volume("2-1")});
  delete_volume("2-1");
  add("2-1");
  host["container"].push_back({.id = "9-1", .volumes = {"9-1", "2-1"}});
  look();
  advance(48h, 10min);
  BOOST_CHECK(removed.empty());
  BOOST_CHECK(order("volume:2-1").code == errc::host_busy);
  host["container"].clear();
  look();
  BOOST_TEST(removed == list{"volume:2-1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(removes_nothing_while_some_of_the_host_is_not_seen) {
  open(true);
  give({a_volume("2-1")});
  delete_volume("2-1");
  add("2-1");
  look();
  fault = {errc::backend_failure, "no answer"};
  advance(48h, 10min);
  BOOST_CHECK(removed.empty());
  BOOST_CHECK_EQUAL(board->read().obstacle, "container: no answer");
  fault = {};
  look();
  BOOST_CHECK_EQUAL(removed.size(), 1);
}

BOOST_AUTO_TEST_CASE(shows_a_container_that_runs_after_its_quarantine) {
  settings.deaths_max = 3;
  on_provision = [](const reservation&) -> expected<std::string> {
    return fail(errc::provision_failed, "broken");
  };
  open();
  give({a_volume("1-1")});
  host["container"].push_back({.id = "1-1", .what = "process 7"});
  look();
  BOOST_TEST(orphans() == list{"container:1-1 failed"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(knows_what_bears_the_name_of_another) {
  open(true);
  auto heir = a_volume("5-1");
  heir.reference = "4-1";
  give({heir});
  add("4-1");
  look();
  BOOST_CHECK(orphans().empty());
}

BOOST_AUTO_TEST_CASE(an_operator_removes_what_was_never_heard_of) {
  open();
  give({a_volume("1-1")});
  add("1-1");
  add("3-1");
  look();
  BOOST_CHECK(order("volume:1-1").code == errc::no_such_reservation);
  BOOST_CHECK(!order("volume:3-1"));
  BOOST_TEST(removed == list{"volume:3-1"}, boost::test_tools::per_element());
  BOOST_CHECK(orphans().empty());
  BOOST_CHECK(order("volume:3-1").code == errc::no_such_reservation);
}

BOOST_AUTO_TEST_CASE(an_orphan_that_is_wanted_again_stays) {
  open();
  add("3-1");
  look();
  BOOST_CHECK_EQUAL(orphans().size(), 1);
  give({a_volume("3-1")});
  BOOST_CHECK(order("volume:3-1").code == errc::no_such_reservation);
  BOOST_CHECK(removed.empty());
  // The engine is free again.
  delete_volume("3-1");
}

BOOST_AUTO_TEST_CASE(what_could_not_be_removed_is_shown_with_the_reason) {
  open();
  add("3-1");
  look();
  removal_fault = {errc::host_busy, "mounted"};
  BOOST_CHECK(order("volume:3-1").code == errc::host_busy);
  BOOST_REQUIRE_EQUAL(board->read().orphans.size(), 1);
  BOOST_CHECK_EQUAL(board->read().orphans[0].last_failure.message, "mounted");
  BOOST_CHECK_EQUAL(board->read().removals_failed, 1);
  // Its reservation may come all the same.
  give({a_volume("3-1")});
  BOOST_CHECK(find("3-1"));
}

BOOST_AUTO_TEST_CASE(what_could_not_be_removed_is_tried_again_after_a_pause) {
  janitor_settings.interval = 60s;
  janitor_settings.quarantine = 1h;
  open(true);
  leave_behind("2-1");
  advance(61min, 1min);
  BOOST_CHECK_EQUAL(tries, 1);
  BOOST_CHECK_EQUAL(left().failures, 1U);
  BOOST_CHECK_EQUAL(left().last_failure.message, "mounted");
  BOOST_CHECK(left().next_try > clock->now());
  advance(3min, 1min);
  BOOST_CHECK_EQUAL(tries, 1);
  advance(4min, 1min);
  BOOST_CHECK_EQUAL(tries, 2);
  // The next pause is twice as long.
  advance(6min, 1min);
  BOOST_CHECK_EQUAL(tries, 2);
  removal_fault = {};
  advance(4min, 1min);
  BOOST_CHECK_EQUAL(tries, 3);
  BOOST_TEST(removed == list{"volume:2-1"}, boost::test_tools::per_element());
  BOOST_CHECK(orphans().empty());
  BOOST_CHECK_EQUAL(board->read().removals_failed, 2);
}

BOOST_AUTO_TEST_CASE(the_pauses_between_tries_end_at_a_day) {
  janitor_settings.quarantine = 0s;
  open(true);
  leave_behind("2-1");
  advance(72h, 10min);
  const auto before = tries;
  advance(10 * 24h, 10min);
  BOOST_CHECK_GE(tries - before, 9);
  BOOST_CHECK_LE(tries - before, 10);
  BOOST_CHECK(difference(left().next_try, clock->now()) <= 24h);
}

BOOST_AUTO_TEST_CASE(one_that_cannot_be_removed_keeps_no_other_waiting) {
  janitor_settings.quarantine = 0s;
  open(true);
  leave_behind("2-1");
  BOOST_CHECK_EQUAL(tries, 1);
  removal_fault = {};
  give({a_volume("3-1")});
  delete_volume("3-1");
  add("3-1");
  look();
  BOOST_TEST(removed == list{"volume:3-1"}, boost::test_tools::per_element());
  BOOST_CHECK_EQUAL(left().key(), "volume:2-1");
}

BOOST_AUTO_TEST_CASE(an_operator_need_not_wait_for_the_next_try) {
  janitor_settings.quarantine = 0s;
  open(true);
  leave_behind("2-1");
  BOOST_CHECK(order("volume:2-1").code == errc::host_busy);
  BOOST_CHECK_EQUAL(left().failures, 2U);
  removal_fault = {};
  BOOST_CHECK(!order("volume:2-1"));
  BOOST_CHECK(orphans().empty());
}

BOOST_AUTO_TEST_CASE(a_failed_order_is_repeated_by_nobody_unless_told_so) {
  open();
  leave_behind("2-1");
  BOOST_CHECK(order("volume:2-1").code == errc::host_busy);
  removal_fault = {};
  advance(72h, 10min);
  BOOST_CHECK_EQUAL(tries, 1);
}

BOOST_AUTO_TEST_CASE(a_back_end_that_throws_keeps_nobody_waiting) {
  open();
  add("3-1");
  look();
  removal_throws = true;
  BOOST_CHECK_EQUAL(order("volume:3-1").message, "fell over");
  give({a_volume("3-1"), a_volume("4-1")});
  BOOST_REQUIRE(find("4-1"));
  BOOST_CHECK(find("3-1")->state == record_state::provisioned);
  BOOST_CHECK(find("4-1")->state == record_state::provisioned);
  look();
  BOOST_CHECK_EQUAL(board->read().obstacle, "");
}

BOOST_AUTO_TEST_CASE(the_engine_waits_with_a_page_of_what_is_being_removed) {
  open();
  BOOST_CHECK(ask<done>(engine, claim_id{"3-1"}));
  BOOST_CHECK(!ask<done>(engine, claim_id{"3-1"}));
  give({a_volume("3-1")});
  BOOST_CHECK(!find("3-1"));
  caf::anon_send(engine, release_id{"3-1"});
  run();
  BOOST_CHECK(find("3-1"));
}

BOOST_AUTO_TEST_SUITE_END()
