// The page on screens of all sizes, light and dark.
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>
#include <vector>

#include "tests/dashboard/dashboard_town.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;

namespace layout_test {
namespace {

/// What sticks out of the window at the right, by its HTML.
constexpr auto wide_ones
  = "[...document.querySelectorAll('body *')].filter((one) => "
    "one.getBoundingClientRect().right > innerWidth + 0.5 && "
    "one.checkVisibility() && !one.closest('.unseen') && "
    "!one.closest('dialog:not([open])')).map((one) => "
    "one.outerHTML.slice(0, 100))";

/// Pairs of text and ground whose contrast is below WCAG's AA (4.5, or 3 for
/// large text), as the browser computes their colours.
constexpr auto pale_ones = R"((() => {
  const rgb = (text) => text.match(/[\d.]+/g).map(Number);
  const light = (c) => { const [r, g, b] = c.slice(0, 3).map((v) => {
    v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
  const ground = (one) => { for (; one; one = one.parentElement) {
    const c = rgb(getComputedStyle(one).backgroundColor);
    if (c.length === 3 || c[3] === 1) return c; } return [255, 255, 255]; };
  const bad = new Set();
  for (const one of document.querySelectorAll('body *')) {
    const own = [...one.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !one.checkVisibility() || one.disabled) continue;
    const style = getComputedStyle(one);
    const [a, b] = [light(rgb(style.color)), light(ground(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (parseFloat(style.fontSize) >= 24 ? 3 : 4.5))
      bad.add(`${ratio.toFixed(2)} ${one.outerHTML.slice(0, 80)}`);
  }
  return [...bad];
})())";

struct furnished_town : dashboard_town {
  furnished_town() {
    look();
    auto first = gwid(explorer->create(explorer->volume()));
    BOOST_REQUIRE(tab.sees(row_is(first, "provisioned")));
    auto second = gwid(explorer->create(explorer->golden("zdb")));
    if (!tab.sees(row_is(second, "rejected")))
      BOOST_ERROR(second << " is missing; the node said: "
                         << tab.text("#event-list") << node.log());
    tab.shows("#problems-list", "");
  }
};

} // namespace
} // namespace layout_test

BOOST_FIXTURE_TEST_SUITE(layout_test, furnished_town)

BOOST_AUTO_TEST_CASE(nothing_sticks_out_from_a_phone_to_a_wall) {
  for (int width : {320, 375, 768, 1100, 1280, 1920, 2560, 3840}) {
    tab.resize(width, width < 700 ? 640 : 1000);
    for (bool is_open : {false, true}) {
      tab.evaluate(is_open ? "document.querySelector('#rows a').click()"
                           : "document.querySelector('#detail').close()");
      if (is_open)
        tab.shows("#detail .summary", "volume");
      BOOST_CHECK_MESSAGE(
        tab.sees("document.documentElement.scrollWidth <= innerWidth"),
        width << ": " << tab.evaluate(wide_ones).dump());
      auto wide = tab.evaluate(wide_ones);
      BOOST_CHECK_MESSAGE(wide.empty(), width << ": " << wide.dump());
    }
  }
}

BOOST_AUTO_TEST_CASE(text_can_be_read_in_light_and_dark) {
  for (auto* scheme : {"light", "dark"}) {
    tab.prefer(scheme);
    for (bool is_open : {false, true}) {
      tab.evaluate(is_open ? "document.querySelector('#rows a').click()"
                           : "document.querySelector('#detail').close()");
      if (is_open)
        tab.shows("#detail .summary", "volume");
      auto pale = tab.evaluate(pale_ones);
      BOOST_CHECK_MESSAGE(pale.empty(), scheme << ": " << pale.dump(1));
    }
  }
  // It is another page in the dark.
  BOOST_CHECK(tab.evaluate("getComputedStyle(document.body).backgroundColor")
              != "rgb(243, 245, 248)");
}

BOOST_AUTO_TEST_CASE(plots_take_the_colours_of_the_scheme) {
  tab.prefer("light");
  auto line
    = "Chart.getChart('throughput-canvas').data.datasets[0].borderColor";
  BOOST_CHECK(tab.sees(line + std::string{" === '#1d5bb8'"}));
  tab.prefer("dark");
  BOOST_CHECK(tab.sees(line + std::string{" === '#85b6ff'"}));
}

BOOST_AUTO_TEST_SUITE_END()
