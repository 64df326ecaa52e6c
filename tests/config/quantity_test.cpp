#include "config/quantity.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace provision::config;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(quantity_test)

BOOST_AUTO_TEST_CASE(reads_durations_of_every_unit) {
  BOOST_CHECK(parse_duration("250ms") == 250ms);
  BOOST_CHECK(parse_duration("10s") == 10s);
  BOOST_CHECK(parse_duration("5m") == 5min);
  BOOST_CHECK(parse_duration("1h") == 1h);
  BOOST_CHECK(parse_duration("0s") == 0ms);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_one_number_with_a_unit) {
  for (const auto* text :
       {"", "s", "10", "10 s", " 10s", "-1s", "+1s", "1.5s", "10S", "1h30m",
        "10sec", "0x10s", "1e3ms", "99999999999999999999ms"})
    BOOST_CHECK_MESSAGE(!parse_duration(text), text);
  for (const auto* text : {"", "64", "64MB", "64M", "64 MiB", "-1MiB", "MiB"})
    BOOST_CHECK_MESSAGE(!parse_size(text), text);
}

BOOST_AUTO_TEST_CASE(refuses_what_does_not_fit_instead_of_wrapping) {
  BOOST_CHECK(parse_duration("9223372036854775807ms"));
  BOOST_CHECK(!parse_duration("9223372036854775808ms"));
  BOOST_CHECK(!parse_duration("9223372036854775807s"));
  BOOST_CHECK(parse_size("16777215TiB"));
  BOOST_CHECK(!parse_size("16777216TiB"));
}

BOOST_AUTO_TEST_CASE(reads_sizes_of_every_unit) {
  BOOST_CHECK(parse_size("1KiB") == 1024U);
  BOOST_CHECK(parse_size("64MiB") == 67108864U);
  BOOST_CHECK(parse_size("2GiB") == 2147483648U);
  BOOST_CHECK(parse_size("1TiB") == 1099511627776U);
}

BOOST_AUTO_TEST_CASE(writes_the_shortest_whole_form) {
  BOOST_CHECK_EQUAL(format_duration(10000ms), "10s");
  BOOST_CHECK_EQUAL(format_duration(90s), "90s");
  BOOST_CHECK_EQUAL(format_duration(1500ms), "1500ms");
  BOOST_CHECK_EQUAL(format_duration(120min), "2h");
  BOOST_CHECK_EQUAL(format_duration(0ms), "0s");
  BOOST_CHECK_EQUAL(format_size(64U << 20U), "64MiB");
  BOOST_CHECK_EQUAL(format_size(1000), "1000 bytes");
  BOOST_CHECK_EQUAL(format_size(1536U << 10U), "1536KiB");
  BOOST_CHECK_EQUAL(format_size(0), "0GiB");
}

BOOST_AUTO_TEST_SUITE_END()
