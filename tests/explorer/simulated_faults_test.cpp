#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;
using simulated::fault_plan;

namespace simulated_faults_test {
namespace {

std::string name_of(const http_server_response& got) {
  switch (got.fault) {
  case http_fault::close:
    return "close";
  case http_fault::reset:
    return "reset";
  case http_fault::truncate:
    return "truncate";
  case http_fault::none:
    break;
  }
  return std::to_string(got.status);
}

} // namespace
} // namespace simulated_faults_test

BOOST_FIXTURE_TEST_SUITE(simulated_faults_test, simulation)

BOOST_AUTO_TEST_CASE(repeats_the_same_faults_for_the_same_seed) {
  fault_plan plan{
    .server_error = 0.2, .reset = 0.2, .close = 0.2, .truncate = 0.2};
  auto run = [&](std::uint64_t seed) {
    plan.seed = seed;
    explorer->set_faults(plan);
    std::string faults;
    for (int i = 0; i < 200; ++i)
      faults += name_of(send("GET", poll_path("0"))) + " ";
    return faults;
  };
  auto first = run(7);
  BOOST_CHECK_EQUAL(first, run(7));
  BOOST_CHECK(first != run(8));
  for (auto each : {"200", "503", "reset", "close", "truncate"})
    BOOST_CHECK(first.find(each) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(loses_answers_before_and_after_the_effect) {
  int effects = 0;
  for (int id = 1; id <= 100; ++id)
    load_volume(id);
  explorer->set_faults({.reset = 1});
  for (int id = 1; id <= 100; ++id) {
    auto gwid = std::to_string(id) + "-1";
    BOOST_CHECK(send("DELETE", result_path(gwid)).fault == http_fault::reset);
  }
  explorer->set_faults({});
  for (int id = 1; id <= 100; ++id)
    effects += next_action(std::to_string(id) + "-1") == 6 ? 1 : 0;
  BOOST_CHECK(effects > 20 && effects < 80);
}

BOOST_AUTO_TEST_CASE(duplicates_and_reorders_pages) {
  for (int id = 1; id <= 50; ++id)
    load_volume(id);
  auto ids = [&] { return ids_in(send("GET", poll_path("0")).body); };
  explorer->set_faults({.duplicate = 1});
  BOOST_CHECK(ids().size() > 50);
  explorer->set_faults({.reorder = 1});
  auto list = ids();
  BOOST_CHECK(!std::is_sorted(list.begin(), list.end()));
  std::sort(list.begin(), list.end());
  BOOST_CHECK_EQUAL(list.size(), 50U);
  BOOST_CHECK_EQUAL(list.back(), 50);
}

BOOST_AUTO_TEST_CASE(forgets_everything_when_it_has_amnesia) {
  load_volume(1);
  explorer->set_faults({.amnesia = 1});
  BOOST_CHECK_EQUAL(poll("0"), "| 0");
  BOOST_CHECK_EQUAL(
    send("GET", "/api/v1/reservations/nodes/workloads/1-1").status, 404);
  // Only what nodes ask; people still see what there is.
  BOOST_CHECK_EQUAL(send("GET", "/api/v1/reservations/workloads/1").status,
                    200);
}

BOOST_AUTO_TEST_CASE(answers_late_and_with_a_wrong_clock) {
  using namespace std::chrono_literals;
  load_volume(1);
  explorer->set_faults({.delay = 1, .delay_max = 50ms, .clock_skew = -3600s});
  BOOST_CHECK(send("GET", poll_path("0")).delay <= 50ms);
  ask("PUT", result_path("1-1"), result(1, "1-1"));
  auto w
    = json::read_document(send("GET", "/api/v1/reservations/workloads/1").body)
        .value();
  BOOST_CHECK_EQUAL(w.result.epoch.seconds, clock->seconds - 3600);
}

BOOST_AUTO_TEST_CASE(lets_people_change_the_faults) {
  auto changed = ask("POST", "/sim/faults", R"({"server_error":1,"seed":9})");
  BOOST_CHECK_EQUAL(changed,
                    R"(200 {"seed":9,"server_error":1,"reset":0,"close":0,)"
                    R"("truncate":0,"delay":0,"duplicate":0,"reorder":0,)"
                    R"("amnesia":0,"delay_max_ms":100,"clock_skew_s":0})");
  BOOST_CHECK_EQUAL(ask("GET", "/sim/faults"), changed);
  BOOST_CHECK_EQUAL(ask("GET", poll_path("0")),
                    R"(503 {"error":"simulated fault"})");
  BOOST_CHECK_EQUAL(send("POST", "/sim/faults", R"({"reset":2})").status, 400);
  BOOST_CHECK_EQUAL(send("POST", "/sim/faults", R"({"x":2})").status, 400);
}

BOOST_AUTO_TEST_CASE(reads_faults_from_a_command_line) {
  fault_plan plan;
  BOOST_CHECK(!simulated::set_faults(plan, "reset=0.25,seed=3"));
  BOOST_CHECK((plan == fault_plan{.seed = 3, .reset = 0.25}));
  for (auto text :
       {"reset", "reset=", "reset=x", "reset=1.5", "other=1", "seed=0.5"})
    BOOST_CHECK(simulated::set_faults(plan, text));
  BOOST_CHECK((plan == fault_plan{.seed = 3, .reset = 0.25}));
}

BOOST_AUTO_TEST_SUITE_END()
