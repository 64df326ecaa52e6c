#include "control/metrics_writer.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

#include "tests/support/exposition.hpp"

using namespace provision;
using namespace provision::test;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(metrics_writer_test)

BOOST_AUTO_TEST_CASE(writes_help_type_and_samples) {
  metrics_writer out;
  out.counter("a_total", "How many.").sample(std::uint64_t{7});
  out.gauge("b", "How much.")
    .sample(0.5, {{"kind", "half"}})
    .sample(true, {{"kind", "whole"}});
  BOOST_CHECK_EQUAL(out.text(), "# HELP a_total How many.\n"
                                "# TYPE a_total counter\n"
                                "a_total 7\n"
                                "# HELP b How much.\n"
                                "# TYPE b gauge\n"
                                "b{kind=\"half\"} 0.5\n"
                                "b{kind=\"whole\"} 1\n");
}

BOOST_AUTO_TEST_CASE(escapes_values_of_labels) {
  metrics_writer out;
  out.gauge("a", "Text.").sample(true, {{"x", "a\\b\"c\nd"}, {"y", ""}});
  BOOST_CHECK(out.text().find("a{x=\"a\\\\b\\\"c\\nd\",y=\"\"} 1\n")
              != std::string::npos);
  auto all = read_exposition(out.text());
  BOOST_CHECK_EQUAL(all.at(0).samples.at(0).labels.at("x"), "a\\b\"c\nd");
}

BOOST_AUTO_TEST_CASE(numbers_read_back_as_the_same) {
  constexpr double numbers[]{0.1,
                             1e-9,
                             1764062000.125,
                             1e300,
                             0,
                             -2.5,
                             std::numeric_limits<double>::infinity()};
  for (auto number : numbers) {
    metrics_writer out;
    out.gauge("a", "Number.").sample(number);
    BOOST_CHECK_EQUAL(read_exposition(out.text()).at(0).value(), number);
  }
}

BOOST_AUTO_TEST_CASE(a_histogram_adds_its_ranges_up) {
  latency times;
  times.observe(100us);
  times.observe(3ms);
  times.observe(2h);
  metrics_writer out;
  out.histogram("a_seconds", "Times.").sample(times, {{"type", "volume"}});
  auto all = read_exposition(out.text());
  auto& family = family_of(all, "a_seconds");
  BOOST_CHECK_EQUAL(family.samples.size(), latency::ends.size() + 3);
  auto bucket = [&](std::string end) {
    return family.value({{"type", "volume"}, {"le", std::move(end)}},
                        "_bucket");
  };
  BOOST_CHECK_EQUAL(bucket("0.0001"), 1);
  BOOST_CHECK_EQUAL(bucket("0.0025"), 1);
  BOOST_CHECK_EQUAL(bucket("0.005"), 2);
  BOOST_CHECK_EQUAL(bucket("3600"), 2);
  BOOST_CHECK_EQUAL(bucket("+Inf"), 3);
  BOOST_CHECK_CLOSE(family.value({{"type", "volume"}}, "_sum"), 7200.0031,
                    1e-9);
}

// -- the reader that the metrics are held to ----------------------------------

BOOST_AUTO_TEST_CASE(the_strict_reader_refuses_what_the_format_forbids) {
  const std::string head = "# HELP a A.\n# TYPE a gauge\n";
  BOOST_CHECK_NO_THROW(read_exposition(head + "a 1\n"));
  for (auto* text :
       {"a 1", "b 1\n", "a  1\n", "a\n", "a one\n", "a 1\na 2\n", "a{} 1\n",
        "a{b=\"1\",b=\"2\"} 1\n", "a{b=\"\\x\"} 1\n", "a{2b=\"\"} 1\n",
        "a{b=\"1\"}1\n", "a{b=\"1} 1\n", "a 1 \n", "\n", "a_count 1\n",
        "# HELP a A.\n# TYPE a gauge\n", "# TYPE a gauge\n"})
    BOOST_CHECK_THROW(read_exposition(head + text), std::exception);
  for (auto* text :
       {"# HELP a A.\n# TYPE a counter\na 1\n",
        "# HELP a_total A.\n# TYPE a_total gauge\na_total 1\n",
        "# HELP a_total A.\n# TYPE a_total counter\na_total -1\n",
        "# HELP a A.\na 1\n", "# HELP a A.\n# TYPE a lot\na 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 1\n"
        "a_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"1\"} 2\n"
        "a_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
        "# HELP a A.\n# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na_sum 1\n"
        "a_count 2\n"})
    BOOST_CHECK_THROW(read_exposition(text), std::exception);
}

BOOST_AUTO_TEST_SUITE_END()
