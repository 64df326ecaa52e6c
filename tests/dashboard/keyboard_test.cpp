// Everything works without a mouse.
#include <boost/test/unit_test.hpp>

#include "tests/dashboard/dashboard_town.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;
using provision::test::eventually;

BOOST_FIXTURE_TEST_SUITE(keyboard_test, dashboard_town)

BOOST_AUTO_TEST_CASE(a_reservation_opens_and_closes_by_keys_alone) {
  look();
  auto id = gwid(explorer->create(explorer->volume()));
  BOOST_REQUIRE(tab.sees(row_is(id, "provisioned")));
  BOOST_REQUIRE(tab.tab_to("document.activeElement.closest('#rows')"));
  tab.press("Enter");
  BOOST_CHECK(tab.sees("document.querySelector('#detail').open"));
  tab.shows("#detail-title", "volume " + id);
  tab.shows("#detail-state", "provisioned");
  tab.shows("#detail .summary", "volume " + id + " runs since");
  tab.shows("#detail .timeline", "accepted: the intent is on disk");
  tab.shows("#detail .timeline", "provisioned");
  tab.shows("#detail .next", "it has no end");
  tab.shows("#announcer", "runs since");
  // It is told where one is, and the rest of the page is out of reach.
  BOOST_CHECK(tab.sees("document.activeElement.closest('#detail') !== null"));
  for (int i = 0; i < 10; ++i) {
    tab.press("Tab");
    BOOST_CHECK(tab.evaluate("document.activeElement === document.body || "
                             "document.activeElement.closest('#detail') !== "
                             "null")
                == true);
  }
  tab.press("Escape");
  BOOST_CHECK(tab.sees("!document.querySelector('#detail').open"));
  // Back where one was, although the rows may have been drawn anew.
  BOOST_CHECK(tab.sees("document.activeElement.textContent === '" + id + "'"));
  BOOST_CHECK(tab.sees("location.hash === ''"));
}

BOOST_AUTO_TEST_CASE(the_first_key_leads_past_the_navigation) {
  look();
  tab.press("Tab");
  BOOST_CHECK(tab.evaluate("document.activeElement.className") == "skip");
  BOOST_CHECK(
    tab.sees("document.activeElement.getBoundingClientRect().top >= 0"));
  tab.press("Enter");
  BOOST_CHECK(tab.sees("document.activeElement.id === 'main'"));
}

BOOST_AUTO_TEST_CASE(focus_passes_everything_is_seen_and_comes_out_again) {
  look();
  explorer->create(explorer->volume());
  BOOST_REQUIRE(tab.sees("document.querySelectorAll('#rows tr').length === 1"));
  // The page moves meanwhile: focus must not get lost by that.
  int stops = 0;
  bool has_left = false;
  for (; stops < 100 && !has_left; ++stops) {
    tab.press("Tab");
    has_left = stops > 0
               && tab.evaluate("document.activeElement === document.body || "
                               "document.activeElement.className === 'skip'")
                    == true;
    if (has_left)
      break;
    BOOST_CHECK_MESSAGE(
      tab.evaluate("(() => { const style = "
                   "getComputedStyle(document.activeElement); return "
                   "style.outlineStyle !== 'none' && "
                   "parseFloat(style.outlineWidth) >= 2; })()")
        == true,
      "no focus is seen on "
        + tab.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            .get<std::string>());
  }
  BOOST_CHECK_MESSAGE(has_left, "focus never left the page");
  BOOST_CHECK_GE(stops, 15);
}

BOOST_AUTO_TEST_CASE(who_hears_the_page_finds_landmarks_names_and_one_voice) {
  look();
  for (auto* landmark : {"header.bar", "nav[aria-label]", "main", "footer"})
    BOOST_CHECK_MESSAGE(tab.evaluate("document.querySelectorAll('"
                                     + std::string{landmark} + "').length")
                          == 1,
                        landmark);
  BOOST_CHECK(tab.evaluate("document.documentElement.lang") == "en");
  BOOST_CHECK(tab.evaluate("document.querySelectorAll('h1').length") == 1);
  // A name for everything that can be used or that stands for something.
  auto nameless = tab.evaluate(
    "[...document.querySelectorAll('button, input, select, canvas, section, "
    "table, dialog, [role=img]')].filter((one) => {"
    "const by = one.getAttribute('aria-labelledby');"
    "return !(one.getAttribute('aria-label') || (by && "
    "document.getElementById(by).textContent) || one.labels?.length || "
    "one.textContent.trim()); }).map((one) => one.outerHTML)");
  BOOST_CHECK_MESSAGE(nameless.empty(), nameless.dump());
  // The flow of events is not read out; what matters is.
  BOOST_CHECK(tab.evaluate("document.querySelector('#event-list').ariaLive")
              == "off");
  BOOST_CHECK(tab.evaluate("document.querySelector('#announcer').role")
              == "status");
}

BOOST_AUTO_TEST_SUITE_END()
