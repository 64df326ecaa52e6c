#include <boost/test/unit_test.hpp>

#include "tests/actors/orders.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;
using namespace std::chrono_literals;

namespace supervision_test {
namespace {

/// What a provisioner does with a call.
enum class mood { works, hangs, dies, throws };

struct moody_state {
  static inline const char* name = "moody provisioner";

  std::vector<caf::typed_response_promise<provisioned_workload>> made = {};
  std::vector<caf::typed_response_promise<done>> gone = {};
};

using moody_actor = provisioner_actor::stateful_pointer<moody_state>;

void suffer(moody_actor self, mood now) {
  if (now == mood::dies)
    self->quit(caf::exit_reason::kill);
  if (now == mood::throws)
    throw std::runtime_error{"bug in an actor"};
}

provisioner_actor::behavior_type moody_provisioner(moody_actor self,
                                                   const mood& now) {
  return {
    [self, &now](provision_workload&) -> caf::result<provisioned_workload> {
      suffer(self, now);
      if (now == mood::works)
        return provisioned_workload{"null"};
      self->state.made.push_back(
        self->make_response_promise<provisioned_workload>());
      return self->state.made.back();
    },
    [self, &now](decommission_workload&) -> caf::result<done> {
      suffer(self, now);
      if (now == mood::works)
        return done{};
      self->state.gone.push_back(self->make_response_promise<done>());
      return self->state.gone.back();
    },
    [](probe_provisioner) { return done{}; }};
}

/// A node whose zdb provisioner has moods.
struct fixture : node_under_test {
  fixture() {
    settings.provision_timeout = 5s;
    special[reservation_types::zdb] = [this] {
      ++spawned;
      last = keep(system.spawn(moody_provisioner, std::cref(now)));
      return last;
    };
  }

  bool runs(const std::string& id) {
    auto row = find(id);
    return row && row->state == record_state::provisioned;
  }

  std::string error_of(const std::string& id) {
    auto row = find(id);
    return row && row->state == record_state::failed ? row->result.error : "";
  }

  mood now = mood::works;
  int spawned = 0;
  provisioner_actor last;
};

} // namespace
} // namespace supervision_test

BOOST_FIXTURE_TEST_SUITE(supervision_test, fixture)

BOOST_AUTO_TEST_CASE(fences_a_provisioner_that_never_answers) {
  now = mood::hangs;
  start();
  give({a_zdb("1-1"), a_volume("2-1")});
  // One call at a time: the volume waits, the engine answers.
  BOOST_CHECK_EQUAL(status().in_flight, "1-1");
  BOOST_CHECK_EQUAL(mark->read(), "1-1");
  advance(4900ms);
  BOOST_CHECK(calls.empty());
  advance(200ms);
  BOOST_CHECK_EQUAL(error_of("1-1"),
                    "zdb provisioner did not answer within 5000 ms");
  BOOST_CHECK(runs("2-1"));
  auto heard = explorer->heard();
  BOOST_REQUIRE(heard.size() >= 2);
  BOOST_CHECK_EQUAL(heard[0], "result 1-1");
  BOOST_CHECK_EQUAL(heard[1], "deleted 1-1");
  BOOST_CHECK(mark->read().empty());
  BOOST_CHECK_EQUAL(numbers->current_units().hru, 0);
}

BOOST_AUTO_TEST_CASE(replaces_a_provisioner_that_was_fenced) {
  now = mood::hangs;
  start();
  give({a_zdb("1-1")});
  advance(5100ms);
  now = mood::works;
  give({a_zdb("2-1")});
  BOOST_CHECK(runs("2-1"));
  BOOST_CHECK_EQUAL(spawned, 2);
  // Neither counts a deadline that has been kept.
  advance(1min, 1s);
  BOOST_CHECK_EQUAL(spawned, 2);
}

BOOST_AUTO_TEST_CASE(reaches_the_same_state_of_the_others_beside_a_hang) {
  now = mood::hangs;
  start();
  std::vector<reservation> page;
  for (int i = 0; i < 20; ++i)
    page.push_back(i % 4 == 0 ? a_zdb(std::to_string(i) + "-1")
                              : a_volume(std::to_string(i) + "-1"));
  give(page);
  advance(1min);
  for (int i = 0; i < 20; ++i)
    BOOST_CHECK_EQUAL(runs(std::to_string(i) + "-1"), i % 4 != 0);
  BOOST_CHECK_EQUAL(numbers->current_workloads().volume, 15);
}

BOOST_AUTO_TEST_CASE(tries_a_removal_again_whose_provisioner_hung) {
  start();
  give({a_zdb("1-1")});
  now = mood::hangs;
  give({deleting(a_zdb("1-1"))});
  advance(5100ms);
  BOOST_CHECK(find("1-1")->state == record_state::removing);
  now = mood::works;
  advance(1min);
  BOOST_CHECK(!find("1-1"));
  BOOST_CHECK_EQUAL(explorer->heard().back(), "deleted 1-1");
}

BOOST_AUTO_TEST_CASE(notices_at_once_that_a_provisioner_dies_at_its_work) {
  for (auto how : {mood::dies, mood::throws}) {
    now = how;
    auto id = how == mood::dies ? "1-1" : "2-1";
    if (!engine)
      start();
    give({a_zdb(id), a_volume(std::string{"3"} + id)});
    BOOST_CHECK(!error_of(id).empty());
    BOOST_CHECK(runs(std::string{"3"} + id));
    advance(6s);
  }
  now = mood::works;
  give({a_zdb("9-1")});
  BOOST_CHECK(runs("9-1"));
  BOOST_CHECK_EQUAL(spawned, 3);
}

BOOST_AUTO_TEST_CASE(replaces_a_provisioner_that_died_while_idle) {
  start();
  give({a_zdb("1-1")});
  caf::anon_send_exit(last, caf::exit_reason::kill);
  run();
  give({a_zdb("2-1")});
  BOOST_CHECK(runs("2-1"));
  BOOST_CHECK_EQUAL(spawned, 2);
}

BOOST_AUTO_TEST_CASE(calls_provisioners_in_order_whatever_the_schedule) {
  for (std::uint32_t seed = 0; seed < 50; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      node_under_test node;
      node.shuffle(seed);
      node.start();
      std::vector<reservation> page;
      std::mt19937 draw{seed};
      for (int i = 0; i < 40; ++i)
        page.push_back(i % 2 == 0 ? a_zdb(std::to_string(i) + "-1")
                                  : a_volume(std::to_string(i) + "-1"));
      std::shuffle(page.begin(), page.end(), draw);
      node.give(page);
      texts wanted;
      for (int i = 0; i < 40; i += 2)
        wanted.push_back("provision " + std::to_string(i) + "-1");
      for (int i = 1; i < 40; i += 2)
        wanted.push_back("provision " + std::to_string(i) + "-1");
      BOOST_REQUIRE_EQUAL_COLLECTIONS(node.calls.begin(), node.calls.end(),
                                      wanted.begin(), wanted.end());
    }
  }
}

BOOST_AUTO_TEST_CASE(goes_on_when_a_stuck_removal_is_ordered_again) {
  on_decommission = [](const reservation&) {
    return error{errc::backend_failure, "busy"};
  };
  start();
  give({a_volume("1-1")});
  give({deleting(a_volume("1-1"))});
  // The explorer repeats its order with every poll until it hears "deleted".
  give({deleting(a_volume("1-1")), a_volume("2-1")});
  BOOST_CHECK(runs("2-1"));
  give({a_volume("3-1")});
  BOOST_CHECK(runs("3-1"));
}

BOOST_AUTO_TEST_CASE(refuses_to_move_what_is_being_removed) {
  on_decommission = [](const reservation&) {
    return error{errc::backend_failure, "busy"};
  };
  start();
  give({a_volume("1-1")});
  give({deleting(a_volume("1-1"))});
  give({replacing(a_volume("2-1"), "1-1"), a_volume("3-1")});
  BOOST_CHECK(find("2-1")->state == record_state::rejected);
  BOOST_CHECK(runs("3-1"));
}

BOOST_AUTO_TEST_CASE(moves_a_workload_to_one_of_two_that_refer_to_it) {
  start();
  give({a_volume("5-2")});
  give(
    {replacing(a_volume("100-1"), "5-2"), replacing(a_volume("101-1"), "5-2")});
  BOOST_CHECK(runs("100-1"));
  // The other one would take down what the first one has.
  BOOST_CHECK(find("101-1")->state == record_state::rejected);
  // What runs is counted once, live and after a restart.
  auto live = numbers->current_units();
  restart();
  BOOST_CHECK(numbers->current_units() == live);
}

BOOST_AUTO_TEST_CASE(does_not_spin_over_an_expired_record_it_cannot_read) {
  record row;
  row.id = "1-1";
  row.sequence = 1;
  row.state = record_state::provisioned;
  row.type = reservation_types::volume;
  row.expires = from_unix(1);
  row.received = own_text("{broken", text_form::reservation);
  transition_batch batch;
  batch.puts.push_back({std::make_shared<record>(row), true});
  BOOST_REQUIRE(!store().apply(batch, durability::machine));
  int writes = 0;
  before_apply = [&] {
    // Ends the test instead of letting it run for ever.
    return ++writes < 1000 ? error{} : error{errc::storage_failure, "enough"};
  };
  start();
  BOOST_CHECK(writes < 10);
}

BOOST_AUTO_TEST_CASE(does_not_try_again_an_expiry_that_kills_the_daemon) {
  start();
  auto r = a_volume("1-1");
  r.created = clock->now();
  r.duration = 10s;
  give({r});
  on_decommission = [](const reservation&) {
    return error{errc::backend_failure, "busy"};
  };
  advance(11s);
  // Now the daemon dies three times while it takes 1-1 down: no outcome of
  // these tries reaches the disk.
  for (int death = 0; death < 3; ++death) {
    mark->set("1-1");
    calls.clear();
    if (death < 2)
      before_apply = [writes = 0]() mutable {
        return ++writes > 1 ? error{errc::storage_failure, "gone"} : error{};
      };
    restart();
    before_apply = {};
  }
  advance(2min, 1s);
  BOOST_CHECK(calls.empty());
  BOOST_CHECK_EQUAL((*store().quarantine({}, 10)).size(), 1);
  BOOST_CHECK(runs("1-1"));
}

BOOST_AUTO_TEST_SUITE_END()
