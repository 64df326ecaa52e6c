#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <map>
#include <set>

#include "tests/journeys/explorer_under_test.hpp"
#include "tests/journeys/node_in_process.hpp"
#include "tests/support/patience.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace explorer_trouble_test {
namespace {

struct troubled_town {
  explorer_under_test explorer{key_of_the_node().node_id()};
  node_in_process node{explorer.url()};

  void load(std::int64_t count) {
    std::vector<documents::workload> all;
    for (std::int64_t id = 1; id <= count; ++id) {
      all.push_back(explorer.volume());
      all.back().id = id;
    }
    explorer.load(std::move(all));
  }

  /// How many reservations have a result that the explorer accepted.
  std::size_t results() const {
    std::set<std::string> all;
    for (auto& one : explorer.reports())
      if (one.kind == "result" && one.status == 201)
        all.insert(one.id);
    return all.size();
  }

  void check_one_body_each(std::int64_t count) const {
    std::map<std::string, std::set<std::string>> bodies;
    for (auto& one : explorer.reports())
      if (one.kind == "result")
        bodies[one.id].insert(one.body);
    BOOST_CHECK_EQUAL(bodies.size(), static_cast<std::size_t>(count));
    for (auto& [id, distinct] : bodies)
      BOOST_CHECK_EQUAL(distinct.size(), 1u);
  }
};

bool is_report(const http_server_request& request) {
  return request.method == "PUT" || request.method == "DELETE";
}

} // namespace
} // namespace explorer_trouble_test

BOOST_FIXTURE_TEST_SUITE(explorer_trouble_test, troubled_town)

BOOST_AUTO_TEST_CASE(a_deletion_ordered_before_the_result_arrives_is_not_lost) {
  std::int64_t id = explorer.create(explorer.volume());
  std::atomic<bool> cancelled = false;
  // A result takes whatever the explorer's queue has for its reservation.
  explorer.before = [&](const http_server_request& request)
    -> std::optional<http_server_response> {
    if (request.method == "PUT" && !cancelled.exchange(true))
      explorer.cancel(id);
    return std::nullopt;
  };
  node.start();
  BOOST_CHECK(eventually([&] {
    auto all = explorer.accepted();
    return std::ranges::count(all, "deleted " + gwid(id)) == 1;
  }));
  BOOST_CHECK_EQUAL(node.count("decommission " + gwid(id)), 1);
}

BOOST_AUTO_TEST_CASE(results_wait_on_disk_for_an_explorer_that_is_away) {
  constexpr std::int64_t count = 50;
  load(count);
  std::atomic<bool> away = false;
  node.on_provision = [&](const reservation& r) -> expected<std::string> {
    // The page is durable; from here on nobody hears of what happens.
    if (r.id == "1-1")
      eventually([&] { return away.load(); });
    return "{\"volume_id\":\"" + r.id + "\"}";
  };
  node.start();
  BOOST_REQUIRE(eventually([&] { return node.count("provision 1-1") == 1; }));
  explorer.go_down();
  away = true;
  BOOST_REQUIRE(
    eventually([&] { return node.engine->status().provisioned == count; }));
  node.stop();
  node.end();
  std::map<std::string, std::string> owed;
  auto rows = node.open_store()->outbox(0, 1000).value();
  for (auto& row : rows)
    owed[row.id] = row.body;
  BOOST_CHECK_EQUAL(owed.size(), static_cast<std::size_t>(count));
  node.start();
  explorer.come_back();
  BOOST_REQUIRE(eventually([&] { return results() == count; }));
  for (auto& one : explorer.reports())
    BOOST_CHECK_EQUAL(one.body, owed[one.id] + "\n");
  BOOST_CHECK_EQUAL(node.calls().size(), static_cast<std::size_t>(count));
}

BOOST_AUTO_TEST_CASE(one_broken_document_fails_only_itself) {
  load(5);
  explorer.after
    = [](const http_server_request& request, http_server_response& answered) {
        if (request.target.find("?from=") == std::string::npos)
          return;
        auto third = answered.body.find("\"id\":3,");
        auto size = answered.body.find("\"size\":1,", third);
        if (third != std::string::npos && size != std::string::npos)
          answered.body.replace(size, 9, "\"size\":[],");
      };
  node.start();
  BOOST_REQUIRE(eventually([&] { return results() == 5; }));
  for (std::int64_t id = 1; id <= 5; ++id)
    BOOST_CHECK_EQUAL(explorer.find(id).result.state == result_state::ok,
                      id != 3);
  BOOST_CHECK_EQUAL(node.calls().size(), 4u);
}

BOOST_AUTO_TEST_CASE(a_history_of_several_pages_is_worked_off_in_order) {
  load(450);
  node.start();
  BOOST_REQUIRE(eventually([&] { return results() == 450; }));
  auto calls = node.calls();
  BOOST_REQUIRE_EQUAL(calls.size(), 450u);
  for (std::int64_t id = 1; id <= 450; ++id)
    BOOST_CHECK_EQUAL(calls[static_cast<std::size_t>(id - 1)],
                      "provision " + gwid(id));
}

BOOST_AUTO_TEST_CASE(of_ten_thousand_reservations_each_is_reported_once) {
  constexpr std::int64_t count = 10000;
  // However slow the machine: how fast it goes is for the benchmarks to say.
  constexpr auto patience = 5min;
  load(count);
  node.start();
  BOOST_REQUIRE(eventually(
    [&] { return node.engine->status().provisioned == count; }, patience));
  BOOST_REQUIRE(
    eventually([&] { return explorer.accepted().size() >= count; }, patience));
  check_one_body_each(count);
}

BOOST_AUTO_TEST_CASE(every_result_arrives_once_a_faulty_explorer_calms_down) {
  constexpr std::int64_t count = 300;
  auto* chosen = std::getenv("JOURNEY_SEED");
  auto seed = chosen ? std::strtoull(chosen, nullptr, 10) : 20211122ULL;
  BOOST_TEST_CONTEXT("JOURNEY_SEED=" << seed) {
    load(count / 2);
    explorer.set_faults({.seed = seed,
                         .server_error = 0.15,
                         .reset = 0.1,
                         .close = 0.1,
                         .truncate = 0.1,
                         .delay = 0.1,
                         .delay_max = std::chrono::milliseconds{20},
                         .duplicate = 0.5,
                         .reorder = 0.5,
                         .amnesia = 0.05});
    node.start();
    for (std::int64_t i = count / 2; i < count; ++i)
      explorer.create(explorer.volume());
    eventually([&] { return results() > count * 2 / 3; });
    explorer.set_faults({});
    BOOST_REQUIRE(eventually([&] { return results() == count; }));
    check_one_body_each(count);
    BOOST_CHECK_EQUAL(node.calls().size(), static_cast<std::size_t>(count));
  }
}

BOOST_AUTO_TEST_CASE(an_explorer_that_takes_no_results_is_not_asked_in_a_rush) {
  std::atomic<bool> busy = true;
  explorer.before = [&](const http_server_request& request) {
    std::optional<http_server_response> answer;
    if (busy && is_report(request))
      answer = http_server_response{.status = 503, .body = "{}"};
    return answer;
  };
  node.start();
  // It stays in the explorer's queue, and so in every page, until the result
  // is taken.
  explorer.create(explorer.volume());
  BOOST_REQUIRE(
    eventually([&] { return node.engine->status().provisioned == 1; }));
  auto before = explorer.polls();
  stays([] { return true; }, 1s);
  // Fifty poll intervals have passed.
  BOOST_CHECK_LE(explorer.polls() - before, 60u);
  busy = false;
  BOOST_REQUIRE(eventually([&] { return results() == 1; }));
  BOOST_CHECK(eventually([&] { return node.engine->reports().waiting == 0; }));
  // Nor are results piled up for it.
  BOOST_CHECK_LE(explorer.accepted().size(), 3u);
  check_one_body_each(1);
}

BOOST_AUTO_TEST_CASE(a_removal_that_fails_does_not_keep_others_waiting) {
  std::atomic<bool> stuck = true;
  node.on_decommission = [&](const reservation&) {
    return stuck ? error{errc::backend_failure, "busy"} : error{};
  };
  node.start();
  auto first = explorer.create(explorer.volume());
  BOOST_REQUIRE(eventually([&] { return results() == 1; }));
  explorer.cancel(first);
  BOOST_REQUIRE(
    eventually([&] { return node.count("decommission 1-1") >= 2; }));
  explorer.create(explorer.volume());
  explorer.create(explorer.volume());
  BOOST_CHECK(eventually([&] { return results() == 3; }, 5s));
  stuck = false;
  BOOST_CHECK(eventually([&] {
    return explorer.find(first).result.state == result_state::deleted;
  }));
}

BOOST_AUTO_TEST_CASE(a_reconciliation_during_a_poll_is_not_forgotten) {
  load(3);
  std::atomic<bool> hold = false;
  std::atomic<int> held = 0;
  explorer.before = [&](const http_server_request& request) {
    if (hold && !is_report(request)) {
      ++held;
      eventually([&] { return !hold.load(); }, 5s);
    }
    return std::optional<http_server_response>{};
  };
  node.start();
  BOOST_REQUIRE(eventually([&] { return results() == 3; }));
  hold = true;
  BOOST_REQUIRE(eventually([&] { return held > 0; }));
  auto known = node.engine->status().known;
  node.engine->reconcile();
  stays([] { return true; }, 50ms);
  hold = false;
  BOOST_CHECK(
    eventually([&] { return node.engine->status().known >= known + 3; }, 3s));
}

BOOST_AUTO_TEST_SUITE_END()
