// The dashboard of a real node in a real browser.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/dashboard/dashboard_town.hpp"
#include "tests/journeys/processes.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;
using provision::test::eventually;

namespace page_test {
namespace {

bool asked_outside(const std::vector<std::string>& urls,
                   const std::string& origin) {
  return std::ranges::any_of(
    urls, [&](auto& url) { return !url.starts_with(origin + "/"); });
}

} // namespace
} // namespace page_test

BOOST_FIXTURE_TEST_SUITE(page_test, dashboard_town)

BOOST_AUTO_TEST_CASE(loads_without_a_complaint_and_asks_nobody_else) {
  look();
  tab.shows("#health", "ok");
  tab.shows("#capacity-bars", "Solid-state disk");
  tab.shows("#rows-empty", "The node has no reservations yet.");
  tab.shows("#events-empty", "Nothing was decided yet.");
  tab.shows("#waiting-empty", "Nothing waits.");
  tab.shows("#quarantine-empty", "Nothing was set aside.");
  tab.shows("#type-rows", "volume");
  BOOST_CHECK(tab.sees("document.querySelector('#throughput-canvas').width > 0 "
                       "&& Chart.version"));
  for (auto& complaint : tab.complaints())
    BOOST_ERROR(complaint);
  // The page, its parts, and what it asks the node.
  BOOST_CHECK_GE(tab.requests().size(), 20U);
  BOOST_CHECK(!asked_outside(tab.requests(), origin()));
}

BOOST_AUTO_TEST_CASE(shows_a_reservation_as_soon_as_the_node_has_it) {
  look();
  tab.evaluate("window.isStillThis = true");
  auto id = gwid(explorer->create(explorer->volume(3)));
  BOOST_CHECK(tab.sees(row_is(id, "provisioned")));
  tab.shows("#event-list", "provisioned");
  BOOST_CHECK(tab.sees("[...document.querySelectorAll('#event-list a')].some("
                       "(link) => link.textContent === '"
                       + id + "')"));
  tab.shows("#capacity-bars", "3 GiB of 1 PiB");
  tab.shows("#type-rows", "1");
  tab.shows("#throughput-legend", "made: ");
  // What is known gets on without loading the page anew.
  explorer->cancel(std::stoll(id));
  BOOST_CHECK(tab.sees("document.querySelectorAll('#rows tr').length === 0"));
  tab.shows("#event-list", "gone");
  BOOST_CHECK(tab.evaluate("window.isStillThis") == true);
  for (auto& complaint : tab.complaints())
    BOOST_ERROR(complaint);
}

BOOST_AUTO_TEST_CASE(stops_all_that_moves_when_asked_to) {
  look();
  tab.click("#pause");
  tab.shows("#link", "paused");
  auto id = explorer->create(explorer->volume());
  BOOST_REQUIRE(eventually([&] { return runs(id); }));
  auto asked = tab.requests().size();
  BOOST_CHECK(test::stays([&] { return tab.requests().size() == asked; },
                          std::chrono::seconds{3}));
  BOOST_CHECK_EQUAL(tab.text("#rows"), "");
  tab.click("#pause");
  BOOST_CHECK(tab.sees(row_is(gwid(id), "provisioned")));
}

BOOST_AUTO_TEST_CASE(finds_by_id_type_state_and_user) {
  look();
  auto first = gwid(explorer->create(explorer->volume()));
  auto other = gwid(explorer->create(explorer->golden("zdb")));
  BOOST_REQUIRE(tab.sees(row_is(first, "provisioned")));
  BOOST_REQUIRE(tab.sees(row_is(other, "rejected")));
  tab.evaluate(
    "(() => { const state = document.querySelector('#filter-state');"
    "state.value = 'rejected'; state.dispatchEvent(new Event('input',"
    "{bubbles: true})); })()");
  BOOST_CHECK(tab.sees("document.querySelectorAll('#rows tr').length === 1"));
  BOOST_CHECK(tab.sees(row_is(other, "rejected")));
  tab.click("#filter-prefix");
  tab.type("no such");
  tab.shows("#rows-empty", "No reservation is like this.");
}

BOOST_AUTO_TEST_CASE(names_the_type_that_does_not_serve_and_what_waits_for_it) {
  look();
  tab.shows("#type-rows", "serving");
  run_program(PROVISIONCTL,
              {"--data-dir", node.data_dir(), "cordon", "volume"});
  auto id = gwid(explorer->create(explorer->volume()));
  tab.shows("#type-rows", "cordoned");
  tab.shows("#waiting-list", id);
  tab.shows("#problems-list", "volume is cordoned by an operator");
  tab.shows("#health", "degraded");
  tab.shows("#announcer", "The node is degraded.");
  run_program(PROVISIONCTL,
              {"--data-dir", node.data_dir(), "uncordon", "volume"});
  BOOST_CHECK(tab.sees(row_is(id, "provisioned")));
  tab.shows("#waiting-empty", "Nothing waits.");
  tab.shows("#health", "ok");
}

BOOST_AUTO_TEST_CASE(shows_a_degraded_type_with_the_reason_until_it_serves) {
  more = "[provisioners]\nisolate = [\"volume\"]\n"
         "[supervision]\nprobe_delay = \"10ms\"\nprobe_delay_max = \"50ms\"\n"
         "restarts_max = 1000\n";
  serve_at(0);
  look();
  auto first = gwid(explorer->create(explorer->volume()));
  BOOST_REQUIRE(tab.sees(row_is(first, "provisioned")));
  // A worker that dies, and none that can take its place: the pool is gone.
  auto pool = node.data_dir() + "/volumes";
  std::filesystem::rename(pool, pool + ".away");
  std::ofstream{pool} << "no folder";
  for (const auto& worker : children_of(node.pid()))
    ::kill(worker.pid, SIGKILL);
  tab.shows("#type-rows", "worker for volume cannot serve");
  tab.shows("#type-rows", "degraded");
  tab.shows("#problems-list", "volume is degraded: ");
  auto second = gwid(explorer->create(explorer->volume()));
  tab.shows("#waiting-list", second);
  std::filesystem::remove(pool);
  std::filesystem::rename(pool + ".away", pool);
  BOOST_CHECK(tab.sees(row_is(second, "provisioned")));
  BOOST_CHECK(tab.sees("!document.querySelector('#type-rows').textContent"
                       ".includes('degraded')"));
}

BOOST_AUTO_TEST_SUITE_END()
