#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include "identity/result_signature.hpp"
#include "messages/converter.hpp"
#include "messages/json/json.hpp"
#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_in_process.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace engine_journey_test {
namespace {

struct town {
  explorer_under_test explorer{key_of_the_node().node_id()};
  node_in_process node{explorer.url()};

  result_state state_of(std::int64_t id) const {
    return explorer.find(id).result.state;
  }

  bool is_told(const std::string& what) const {
    auto all = explorer.accepted();
    return std::find(all.begin(), all.end(), what) != all.end();
  }

  bool has_result(std::int64_t id) const {
    return is_told("result " + gwid(id));
  }
};

std::string reason_of(const documents::workload& w) {
  return w.result.message;
}

} // namespace
} // namespace engine_journey_test

BOOST_FIXTURE_TEST_SUITE(engine_journey_test, town)

BOOST_AUTO_TEST_CASE(provisions_what_a_user_creates_and_signs_the_result) {
  node.start();
  auto id = explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return has_result(id); }));
  auto stored = explorer.find(id).result;
  BOOST_CHECK(stored.state == result_state::ok);
  BOOST_CHECK_EQUAL(stored.data_json, R"({"volume_id":"1-1"})");
  result signed_by_node{.id = gwid(id),
                        .state = stored.state,
                        .error = stored.message,
                        .data = stored.data_json,
                        .signature = stored.signature};
  BOOST_CHECK(!verify(signed_by_node, node.key.public_key()));
}

BOOST_AUTO_TEST_CASE(a_failed_provisioning_is_told_with_its_reason) {
  node.on_provision = [](const reservation& r) -> expected<std::string> {
    if (r.id == "2-1")
      return fail(errc::backend_failure, "the pool is full");
    return "null";
  };
  node.start();
  for (int i = 0; i < 3; ++i)
    explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return is_told("deleted 2-1"); }));
  BOOST_REQUIRE(eventually([&] { return has_result(3); }));
  BOOST_CHECK(state_of(1) == result_state::ok);
  BOOST_CHECK(state_of(3) == result_state::ok);
  BOOST_CHECK_EQUAL(reason_of(explorer.find(2)), "the pool is full");
}

BOOST_AUTO_TEST_CASE(an_exception_of_a_provisioner_is_one_failed_reservation) {
  node.on_provision = [](const reservation& r) -> expected<std::string> {
    if (r.id == "1-1")
      throw std::runtime_error{"surprise"};
    return "null";
  };
  node.start();
  explorer.create(explorer.volume());
  explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return has_result(1) && has_result(2); }));
  BOOST_CHECK(reason_of(explorer.find(1)).find("surprise")
              != std::string::npos);
  BOOST_CHECK(state_of(2) == result_state::ok);
}

BOOST_AUTO_TEST_CASE(types_that_the_node_does_not_offer_are_rejected) {
  node.start();
  for (auto* name : {"zdb", "container", "network_resource"})
    explorer.create(explorer.golden(name));
  explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return explorer.accepted().size() >= 7; }));
  for (std::int64_t id = 1; id <= 3; ++id) {
    BOOST_CHECK(is_told("deleted " + gwid(id)));
    BOOST_CHECK(reason_of(explorer.find(id)).find("does not offer")
                != std::string::npos);
  }
  BOOST_CHECK(state_of(4) == result_state::ok);
  BOOST_CHECK_EQUAL(node.calls().size(), 1u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_workload_is_taken_down_and_stays_gone) {
  node.start();
  auto id = explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return has_result(id); }));
  explorer.cancel(id);
  BOOST_REQUIRE(eventually([&] { return is_told("deleted " + gwid(id)); }));
  BOOST_CHECK(state_of(id) == result_state::deleted);
  node.engine->reconcile();
  node.restart();
  auto next = explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return has_result(next); }));
  BOOST_CHECK_EQUAL(node.count("provision " + gwid(id)), 1u);
  BOOST_CHECK_EQUAL(node.count("decommission " + gwid(id)), 1u);
}

BOOST_AUTO_TEST_CASE(what_is_over_is_taken_down_at_its_deadline) {
  auto known = explorer.volume();
  known.id = 900;
  known.next_action = documents::next_action::deleted;
  explorer.load({known});
  reservation brief;
  brief.id = "900-1";
  brief.node_id = node.key.node_id();
  brief.user_id = "7";
  brief.type = reservation_types::volume;
  brief.data = R"({"size":1,"type":"ssd"})";
  brief.created = system_clock{}.now();
  brief.duration = 300ms;
  brief.version = 2;
  node.replay = *json::write(brief) + "\n";
  node.start();
  BOOST_REQUIRE(eventually([&] { return is_told("result 900-1"); }));
  auto early = node.count("decommission 900-1") > 0
               && system_clock{}.now() < brief.expires_at();
  BOOST_CHECK(!early);
  BOOST_REQUIRE(eventually([&] { return is_told("deleted 900-1"); }));
  BOOST_CHECK_EQUAL(node.count("decommission 900-1"), 1u);
}

BOOST_AUTO_TEST_CASE(documents_that_come_twice_are_provisioned_once) {
  simulated::fault_plan twice;
  twice.duplicate = 1;
  explorer.set_faults(twice);
  for (int i = 0; i < 20; ++i)
    explorer.create(explorer.volume());
  node.start();
  BOOST_REQUIRE(eventually([&] {
    for (std::int64_t id = 1; id <= 20; ++id)
      if (!has_result(id))
        return false;
    return true;
  }));
  BOOST_CHECK_EQUAL(node.calls().size(), 20u);
}

BOOST_AUTO_TEST_CASE(a_history_seen_again_sends_nothing_again) {
  node.start();
  for (int i = 0; i < 5; ++i)
    explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return explorer.accepted().size() == 5; }));
  auto known = node.engine->status().known;
  node.engine->reconcile();
  BOOST_CHECK(
    eventually([&] { return node.engine->status().known >= known + 5; }));
  BOOST_CHECK(stays([&] { return explorer.reports().size() == 5; }, 200ms));
  BOOST_CHECK_EQUAL(node.calls().size(), 5u);
}

BOOST_AUTO_TEST_CASE(an_explorer_that_forgot_the_results_gets_the_same_bytes) {
  std::vector<documents::workload> all;
  for (std::int64_t id = 1; id <= 5; ++id) {
    all.push_back(explorer.volume());
    all.back().id = id;
  }
  explorer.load(all);
  node.start();
  BOOST_REQUIRE(eventually([&] { return explorer.accepted().size() == 5; }));
  explorer.forget();
  explorer.load(all);
  node.engine->reconcile();
  BOOST_REQUIRE(eventually([&] { return explorer.accepted().size() == 10; }));
  for (std::int64_t id = 1; id <= 5; ++id) {
    BOOST_CHECK_EQUAL(explorer.bodies(gwid(id)).size(), 1u);
    BOOST_CHECK(state_of(id) == result_state::ok);
  }
  BOOST_CHECK_EQUAL(node.calls().size(), 5u);
}

BOOST_AUTO_TEST_CASE(a_reference_takes_over_what_runs) {
  auto first = explorer.volume();
  first.id = 1;
  explorer.load({first});
  node.start();
  BOOST_REQUIRE(eventually([&] { return has_result(1); }));
  auto second = first;
  second.id = 2;
  second.reference = "1-1";
  explorer.load({second});
  BOOST_REQUIRE(eventually([&] { return has_result(2); }));
  BOOST_CHECK_EQUAL(explorer.find(2).result.data_json,
                    R"({"volume_id":"1-1"})");
  BOOST_CHECK_EQUAL(node.calls().size(), 1u);
  node.restart();
  explorer.cancel(2);
  BOOST_REQUIRE(eventually([&] { return is_told("deleted 2-1"); }));
  BOOST_CHECK_EQUAL(node.count("decommission 2-1"), 1u);
  node.stop();
  node.end();
  BOOST_CHECK(!*node.open_store()->find("1-1"));
}

BOOST_AUTO_TEST_CASE(a_restart_in_the_middle_loses_and_repeats_nothing) {
  node.on_provision = [](const reservation& r) -> expected<std::string> {
    // Long enough for the stop to come in the middle.
    timespec moment{.tv_sec = 0, .tv_nsec = 2'000'000};
    ::ppoll(nullptr, 0, &moment, nullptr);
    return "{\"volume_id\":\"" + r.id + "\"}";
  };
  for (int i = 0; i < 100; ++i)
    explorer.create(explorer.volume());
  node.start();
  BOOST_REQUIRE(eventually([&] { return node.calls().size() > 30; }));
  node.restart();
  BOOST_REQUIRE(eventually([&] { return has_result(100); }));
  BOOST_REQUIRE(eventually([&] { return explorer.accepted().size() >= 100; }));
  BOOST_CHECK_EQUAL(node.calls().size(), 100u);
  for (std::int64_t id = 1; id <= 100; ++id)
    BOOST_CHECK_EQUAL(explorer.bodies(gwid(id)).size(), 1u);
}

BOOST_AUTO_TEST_CASE(a_hung_provisioner_does_not_keep_the_node_from_stopping) {
  std::atomic<bool> let_go = false;
  node.on_provision = [&](const reservation&) -> expected<std::string> {
    eventually([&] { return let_go.load(); }, 60s);
    return "null";
  };
  node.start();
  explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return node.count("provision 1-1") == 1; }));
  auto before = std::chrono::steady_clock::now();
  auto failure = node.stop(2s);
  BOOST_CHECK(std::chrono::steady_clock::now() - before < 5s);
  BOOST_CHECK(failure.code == errc::deadline_exceeded);
  let_go = true;
  node.end();
  node.on_provision = [](const reservation&) { return "null"; };
  node.start();
  BOOST_CHECK(eventually([&] { return has_result(1); }));
}

BOOST_AUTO_TEST_SUITE_END()
