// The numbers that the page makes of what the node tells.
#include <boost/test/unit_test.hpp>

#include "tests/dashboard/dashboard_town.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;

namespace figures_test {
namespace {

/// Two readings of one histogram, between which 100 values came: 50 up to 1 ms,
/// 40 more up to 10 ms, 10 above all limits.
const std::string readings = R"(const before = m.readExposition(
  '# HELP h x\nh_bucket{type="a",le="0.001"} 5\nh_bucket{type="a",le="0.01"} 5\n'
  + 'h_bucket{type="a",le="+Inf"} 5\nh_sum{type="a"} 0.001\n');
const after = m.readExposition(
  'h_bucket{type="a",le="0.001"} 45\nh_bucket{type="a",le="0.01"} 75\n'
  + 'h_bucket{type="a",le="+Inf"} 85\nh_bucket{type="b",le="0.001"} 10\n'
  + 'h_bucket{type="b",le="0.01"} 20\nh_bucket{type="b",le="+Inf"} 20\n');
const q = (share) => m.quantile(m.buckets(before, 'h'), m.buckets(after, 'h'), share);
)";

} // namespace
} // namespace figures_test

BOOST_FIXTURE_TEST_SUITE(figures_test, dashboard_town)

BOOST_AUTO_TEST_CASE(quantiles_are_of_what_came_between_two_readings) {
  look();
  auto told = tab.evaluate("import('/dashboard/exposition.js').then((m) => { "
                           + readings
                           + "return [q(0.25), q(0.5), q(0.7), q(0.99), "
                             "m.quantile(m.buckets(after, 'h'), "
                             "m.buckets(after, 'h'), 0.5)]; })");
  BOOST_REQUIRE_EQUAL(told.size(), 5U);
  BOOST_CHECK_CLOSE(told[0].get<double>(), 0.0005, 0.01);
  BOOST_CHECK_CLOSE(told[1].get<double>(), 0.001, 0.01);
  BOOST_CHECK_CLOSE(told[2].get<double>(), 0.0055, 0.01);
  // Nobody knows how far beyond the last limit.
  BOOST_CHECK_CLOSE(told[3].get<double>(), 0.01, 0.01);
  BOOST_CHECK(told[4].is_null());
}

BOOST_AUTO_TEST_CASE(sizes_and_spans_are_written_for_people) {
  look();
  auto told = tab.evaluate(
    "import('/dashboard/format.js').then((m) => [m.bytes(0), m.bytes(1536), "
    "m.bytes(10 * 2 ** 30), m.bytes(2 ** 50), m.span(0.00034), m.span(0.0123), "
    "m.span(3.21), m.span(300), m.span(7380), m.span(1051200), m.rate(0), "
    "m.rate(1234.5), m.count(99999), m.takes({cru: 2, mru: 2 ** 32, hru: 0, "
    "sru: 0})])");
  BOOST_CHECK_EQUAL(
    told.dump(),
    nlohmann::json({"0 B", "1.5 KiB", "10 GiB", "1 PiB", "340 µs", "12 ms",
                    "3.2 s", "5 min", "2 h 3 min", "12 d 4 h", "0", "1,235",
                    "99,999", "2 CPU, 4 GiB memory"})
      .dump());
}

BOOST_AUTO_TEST_CASE(plots_draw_what_the_node_did) {
  look();
  auto has_point
    = [](const std::string& plot, int line, const std::string& rule) {
        return "Chart.getChart('" + plot + "-canvas').data.datasets["
               + std::to_string(line) + "].data.some(({y}) => y !== null && "
               + rule + ")";
      };
  // The first reading shows nothing: a rate needs two.
  BOOST_REQUIRE(tab.sees(has_point("throughput", 0, "y === 0")));
  explorer->create(explorer->volume());
  explorer->create(explorer->golden("zdb"));
  BOOST_CHECK(tab.sees(has_point("throughput", 0, "y > 0 && y < 100")));
  BOOST_CHECK(tab.sees(has_point("throughput", 1, "y > 0 && y < 100")));
  for (int line : {0, 1, 2, 3})
    BOOST_CHECK(tab.sees(has_point("latency", line, "y > 0 && y < 60")));
}

BOOST_AUTO_TEST_SUITE_END()
