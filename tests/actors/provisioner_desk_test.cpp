#include "actors/provisioner_desk.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/actors/orders.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace provisioner_desk_test {
namespace {

enum class mood { works, hangs, dies, is_lost };

/// What the zdb provisioner does, and what it was asked.
struct script {
  mood call = mood::works;
  mood probe = mood::works;
  /// Answers a call that does not hang; no error: it is done.
  std::function<error(const std::string& id)> answer
    = [](const std::string&) { return error{}; };
  /// With which reason one ends that is lost.
  error loss = {};
  texts asked = {};
  /// Calls that hang.
  std::vector<caf::typed_response_promise<provisioned_workload>> made = {};
  std::vector<caf::typed_response_promise<done>> gone = {};
  int probes = 0;
  int spawned = 0;
};

struct scripted_state {
  static inline const char* name = "scripted provisioner";
};

using scripted_actor = provisioner_actor::stateful_pointer<scripted_state>;

provisioner_actor::behavior_type scripted_provisioner(scripted_actor self,
                                                      script* told) {
  return {
    [self,
     told](provision_workload& work) -> caf::result<provisioned_workload> {
      told->asked.push_back("provision " + work.what->id);
      if (told->call == mood::dies)
        self->quit(caf::exit_reason::kill);
      if (told->call == mood::is_lost)
        self->quit(to_caf(told->loss));
      if (told->call != mood::works)
        return told->made.emplace_back(
          self->make_response_promise<provisioned_workload>());
      if (auto failure = told->answer(work.what->id))
        return to_caf(failure);
      return provisioned_workload{"null"};
    },
    [self, told](decommission_workload& work) -> caf::result<done> {
      told->asked.push_back("decommission " + work.what->id);
      if (told->call != mood::works)
        return told->gone.emplace_back(self->make_response_promise<done>());
      if (auto failure = told->answer(work.what->id))
        return to_caf(failure);
      return done{};
    },
    [self, told](probe_provisioner) -> caf::result<done> {
      ++told->probes;
      if (told->probe == mood::dies)
        self->quit(caf::exit_reason::kill);
      if (told->probe != mood::works)
        return told->gone.emplace_back(self->make_response_promise<done>());
      return done{};
    }};
}

struct fixture : node_under_test {
  fixture() {
    settings.provision_timeout = 5s;
    settings.probe_timeout = 2s;
    settings.probe_delay = 10s;
    special[reservation_types::zdb] = [this] {
      ++zdb.spawned;
      seats.push_back(keep(system.spawn(scripted_provisioner, &zdb)));
      return seats.back();
    };
  }

  type_status zdb_status() {
    for (auto& one : status().types)
      if (one.type == reservation_types::zdb)
        return one;
    return {};
  }

  bool runs(const std::string& id) {
    auto row = find(id);
    return row && row->state == record_state::provisioned;
  }

  std::string error_of(const std::string& id) {
    auto row = find(id);
    return row && row->state == record_state::failed ? row->result.error : "";
  }

  /// A type that hung once and whose probes hang, too.
  void degrade() {
    zdb.call = zdb.probe = mood::hangs;
    start();
    give({a_zdb("1-1")});
    advance(5100ms);
    zdb.call = mood::works;
  }

  script zdb;
  std::vector<provisioner_actor> seats;
};

error busy(const std::string&) {
  return {errc::host_busy, "pool is busy"};
}

error away(const std::string&) {
  return {errc::host_unavailable, "pool is away"};
}

} // namespace
} // namespace provisioner_desk_test

BOOST_FIXTURE_TEST_SUITE(provisioner_desk_test, fixture)

// -- deadlines ----------------------------------------------------------------

BOOST_AUTO_TEST_CASE(gives_each_type_and_kind_of_call_its_own_deadline) {
  settings.deadlines["zdb"] = {.provision = 3s, .decommission = 1s};
  start();
  give({a_zdb("1-1")});
  zdb.call = mood::hangs;
  give({a_zdb("2-1")});
  advance(2900ms);
  BOOST_TEST(error_of("2-1").empty());
  advance(200ms);
  BOOST_TEST(error_of("2-1")
             == "zdb provisioner did not answer within 3000 ms");
  give({deleting(a_zdb("1-1"))});
  advance(900ms);
  BOOST_TEST(zdb_status().deadlines_missed == 1);
  advance(200ms);
  BOOST_TEST(zdb_status().deadlines_missed == 2);
}

BOOST_AUTO_TEST_CASE(keeps_each_deadline_however_many_calls_came_before) {
  start();
  for (int i = 1; i < 20; ++i) {
    give({a_zdb(std::to_string(i) + "-1")});
    advance(400ms);
  }
  zdb.call = mood::hangs;
  give({a_zdb("99-1")});
  advance(4900ms);
  BOOST_TEST(error_of("99-1").empty());
  advance(200ms);
  BOOST_TEST(!error_of("99-1").empty());
}

BOOST_AUTO_TEST_CASE(ignores_a_late_answer_and_counts_it) {
  zdb.call = mood::hangs;
  start();
  give({a_zdb("1-1")});
  // It answers at the very moment of its deadline, but behind it.
  scheduler.advance_time(5s);
  zdb.made.front().deliver(provisioned_workload{"\"late\""});
  run();
  BOOST_TEST(!error_of("1-1").empty());
  BOOST_TEST(zdb_status().late_answers == 1);
  BOOST_TEST(explorer->heard() == (texts{"result 1-1", "deleted 1-1"}),
             boost::test_tools::per_element());
}

// -- health -------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(lets_a_degraded_types_reservations_wait_and_others_pass) {
  degrade();
  BOOST_TEST((zdb_status().health == type_health::degraded));
  give({a_zdb("2-1"), a_zdb("3-1"), a_volume("4-1")});
  BOOST_TEST(runs("4-1"));
  BOOST_TEST((find("2-1")->state == record_state::accepted));
  BOOST_TEST(zdb_status().waiting == 2);
  auto shown = status().waiting_first;
  BOOST_REQUIRE(shown.size() == 2);
  BOOST_TEST(shown[0].id == "2-1");
  BOOST_TEST(shown[0].reason
             == "zdb is degraded: zdb provisioner did not answer within 5000 "
                "ms");
  // It is told again with every poll: that holds up nobody.
  give({a_zdb("2-1"), a_volume("5-1")});
  BOOST_TEST(runs("5-1"));
  BOOST_TEST(zdb.asked.size() == 1);
}

BOOST_AUTO_TEST_CASE(serves_again_after_a_probe_in_the_old_order) {
  start();
  give({a_zdb("7-1"), a_zdb("8-1")});
  zdb.call = zdb.probe = mood::hangs;
  give({a_zdb("1-1")});
  advance(5100ms);
  give({a_zdb("3-1")});
  give({deleting(a_zdb("8-1"))});
  give({a_zdb("2-1"), deleting(a_zdb("7-1"))});
  zdb.call = zdb.probe = mood::works;
  zdb.asked.clear();
  advance(30s);
  BOOST_TEST((zdb_status().health == type_health::serving));
  texts wanted{"provision 3-1", "decommission 8-1", "provision 2-1",
               "decommission 7-1"};
  // In a page, removals keep the order of work, too.
  std::ranges::sort(wanted);
  auto asked = zdb.asked;
  BOOST_REQUIRE(asked.size() == 4);
  BOOST_TEST(asked[0] == "provision 3-1");
  BOOST_TEST(asked[1] == "decommission 8-1");
  std::ranges::sort(asked);
  BOOST_TEST(asked == wanted, boost::test_tools::per_element());
  BOOST_TEST(status().waiting == 0);
}

BOOST_AUTO_TEST_CASE(probes_later_and_later_with_a_deadline_of_its_own) {
  degrade();
  BOOST_TEST(zdb.probes == 1);
  advance(2s);
  // The first probe was missed; the next comes after 10 s, then after 20 s.
  BOOST_TEST(zdb_status().deadlines_missed == 2);
  advance(9500ms);
  BOOST_TEST(zdb.probes == 1);
  advance(1s);
  BOOST_TEST(zdb.probes == 2);
  advance(21s);
  BOOST_TEST(zdb.probes == 2);
  advance(2s);
  BOOST_TEST(zdb.probes == 3);
}

BOOST_AUTO_TEST_CASE(takes_up_what_waited_in_order_after_a_restart) {
  degrade();
  give({a_zdb("3-1")});
  give({a_zdb("2-1")});
  zdb.probe = mood::works;
  zdb.asked.clear();
  restart();
  texts wanted{"provision 3-1", "provision 2-1"};
  BOOST_TEST(zdb.asked == wanted, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(replaces_a_provisioner_only_so_often_in_a_while) {
  settings.restarts_max = 3;
  settings.restart_window = 10min;
  zdb.call = zdb.probe = mood::dies;
  start();
  give({a_zdb("1-1"), a_volume("2-1")});
  advance(9min, 1s);
  // The first one and three in its place.
  BOOST_TEST(zdb.spawned == 4);
  BOOST_TEST((zdb_status().health == type_health::suspended));
  BOOST_TEST(zdb_status().deaths == 4);
  BOOST_TEST(runs("2-1"));
  advance(50min, 1s);
  BOOST_TEST(zdb.spawned <= 4 + 3 * 5);
  zdb.call = zdb.probe = mood::works;
  give({a_zdb("3-1")});
  advance(11min, 1s);
  BOOST_TEST(runs("3-1"));
}

BOOST_AUTO_TEST_CASE(tells_the_reason_that_a_provisioner_ended_with) {
  start();
  zdb.call = mood::is_lost;
  zdb.loss = {errc::provisioner_crashed, "worker for zdb was killed"};
  give({a_zdb("1-1")});
  BOOST_TEST(error_of("1-1") == "worker for zdb was killed");
  // It never worked: the reservation had no part in that.
  zdb.loss = {errc::host_unavailable, "worker for zdb cannot be started"};
  give({a_zdb("2-1")});
  BOOST_TEST((find("2-1")->state == record_state::applying));
  BOOST_TEST(zdb_status().reason.message == "worker for zdb cannot be started");
  zdb.call = mood::works;
  advance(30s);
  BOOST_TEST(runs("2-1"));
}

BOOST_AUTO_TEST_CASE(reports_how_each_type_fares) {
  degrade();
  zdb.probe = mood::works;
  advance(30s);
  auto seen = zdb_status();
  BOOST_TEST((seen.health == type_health::serving));
  BOOST_TEST(!seen.reason);
  BOOST_TEST(seen.calls == 1);
  BOOST_TEST(seen.deadlines_missed == 2);
  BOOST_TEST(seen.probes == 2);
  BOOST_TEST(seen.restarts == 2);
  BOOST_TEST(seen.deaths == 0);
}

// -- typed errors -------------------------------------------------------------

BOOST_AUTO_TEST_CASE(tries_again_what_may_pass) {
  start();
  int tries = 0;
  zdb.answer = [&](const std::string& id) {
    return id == "1-1" && ++tries < 3 ? busy(id) : error{};
  };
  give({a_zdb("1-1"), a_zdb("2-1")});
  // Others pass it while it waits, and its capacity is free meanwhile.
  BOOST_TEST(runs("2-1"));
  BOOST_TEST(numbers->current_workloads().zdb_namespace == 1);
  BOOST_TEST(find("1-1")->retries == 1);
  BOOST_TEST(status().waiting_first.at(0).reason == "host_busy: pool is busy");
  advance(10s);
  BOOST_TEST(runs("1-1"));
  BOOST_TEST(tries == 3);
  BOOST_TEST(status().retried == 2);
  BOOST_TEST(explorer->heard() == (texts{"result 2-1", "result 1-1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(keeps_the_number_of_retries_over_restarts) {
  settings.retries_max = 3;
  zdb.answer = busy;
  start();
  give({a_zdb("1-1")});
  restart();
  restart();
  BOOST_TEST(find("1-1")->retries == 3);
  BOOST_TEST(error_of("1-1").empty());
  restart();
  BOOST_TEST(error_of("1-1") == "pool is busy, 4 times in a row");
  BOOST_TEST(explorer->heard() == (texts{"result 1-1", "deleted 1-1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(counts_a_try_on_disk_before_the_next_one) {
  zdb.answer = busy;
  start();
  before_apply = [this] {
    return zdb.asked.empty() ? error{} : error{errc::disk_full, "full"};
  };
  give({a_zdb("1-1")});
  advance(1min);
  BOOST_TEST(zdb.asked.size() == 1);
  before_apply = {};
  advance(10s);
  BOOST_TEST(zdb.asked.size() > 1);
}

BOOST_AUTO_TEST_CASE(suspends_a_type_that_fails_for_several_in_a_row) {
  settings.infrastructure_errors_max = 3;
  zdb.answer = away;
  start();
  give(
    {a_zdb("1-1"), a_zdb("2-1"), a_zdb("3-1"), a_zdb("4-1"), a_volume("9-1")});
  BOOST_TEST((zdb_status().health == type_health::suspended));
  BOOST_TEST(zdb.asked.size() == 3);
  BOOST_TEST(runs("9-1"));
  for (auto* id : {"1-1", "2-1", "3-1", "4-1"})
    BOOST_TEST(error_of(id).empty());
  BOOST_TEST(find("4-1")->retries == 0);
  zdb.answer = [](const std::string&) { return error{}; };
  advance(1min);
  for (auto* id : {"1-1", "2-1", "3-1", "4-1"})
    BOOST_TEST(runs(id));
}

BOOST_AUTO_TEST_CASE(does_not_suspend_a_type_for_one_that_fails_again) {
  settings.infrastructure_errors_max = 2;
  zdb.answer
    = [](const std::string& id) { return id == "1-1" ? away(id) : error{}; };
  start();
  give({a_zdb("1-1")});
  advance(10min, 1s);
  BOOST_TEST(error_of("1-1") == "pool is away, 6 times in a row");
  BOOST_TEST(zdb_status().suspensions == 0);
  give({a_zdb("2-1")});
  BOOST_TEST(runs("2-1"));
}

BOOST_AUTO_TEST_SUITE_END()
