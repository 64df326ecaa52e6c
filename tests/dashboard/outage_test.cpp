// What the page shows while the daemon is away.
#include <boost/test/unit_test.hpp>

#include "tests/dashboard/dashboard_town.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;
using provision::test::eventually;

BOOST_FIXTURE_TEST_SUITE(outage_test, dashboard_town)

BOOST_AUTO_TEST_CASE(says_that_the_daemon_is_away_and_goes_on_when_it_is_back) {
  look();
  auto before = gwid(explorer->create(explorer->volume()));
  BOOST_REQUIRE(tab.sees(row_is(before, "provisioned")));
  auto where = port();
  stop();
  tab.shows("#link", "no answer");
  tab.shows("#outage-text", "The node does not answer. What you see is from ");
  BOOST_CHECK(tab.sees("!document.querySelector('#outage').hidden"));
  BOOST_CHECK(tab.sees("document.body.classList.contains('is-stale')"));
  tab.shows("#health", "unknown");
  tab.shows("#events-note", "not live");
  // What was known stays to be read, and can be told from news.
  BOOST_CHECK(tab.evaluate(row_is(before, "provisioned")) == true);

  serve_at(where);
  start();
  tab.shows("#link", "live");
  BOOST_CHECK(tab.sees("document.querySelector('#outage').hidden"));
  tab.shows("#announcer", "The node answers again.");
  tab.shows("#health", "ok");
  tab.shows("#events-note", "newest first");
  BOOST_CHECK(tab.evaluate(row_is(before, "provisioned")) == true);
  // The stream of events goes on too.
  auto after = gwid(explorer->create(explorer->volume()));
  BOOST_CHECK(tab.sees(row_is(after, "provisioned")));
  BOOST_CHECK(tab.sees("[...document.querySelectorAll('#event-list a')].some("
                       "(link) => link.textContent === '"
                       + after + "')"));
}

BOOST_AUTO_TEST_CASE(an_open_reservation_outlives_the_outage) {
  look();
  auto id = explorer->create(explorer->volume());
  BOOST_REQUIRE(tab.sees(row_is(gwid(id), "provisioned")));
  tab.click("#rows a");
  tab.shows("#detail .summary", "runs since");
  auto where = port();
  stop();
  tab.shows("#link", "no answer");
  tab.shows("#detail .summary", "runs since");
  explorer->cancel(id);
  serve_at(where);
  start();
  tab.shows("#detail-state", "gone");
}

BOOST_AUTO_TEST_SUITE_END()
