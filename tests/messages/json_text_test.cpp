#include "messages/json/json.hpp"

#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(json_text_test)

namespace {

std::string number_text(double number) {
  auto body = json::write(resource_amount{.mru = number}, workload_amount{});
  auto first = body.find("\"mru\":") + 6;
  return body.substr(first, body.find(',', first) - first);
}

timestamp read_time(const std::string& text) {
  auto t = json::parse_rfc3339(text);
  BOOST_REQUIRE_MESSAGE(t, text);
  return *t;
}

} // namespace

BOOST_AUTO_TEST_CASE(escapes_strings_as_the_original_does) {
  BOOST_TEST(json::quote("a\"b\\c\n\r\t\b\f\x01/")
             == R"("a\"b\\c\n\r\t\u0008\u000c\u0001/")");
  BOOST_TEST(json::quote("<x> & y") == R"("\u003cx\u003e \u0026 y")");
  BOOST_TEST(json::quote("\xE2\x80\xA8\xE2\x80\xA9\xE2\x80\xA7")
             == "\"\\u2028\\u2029\xE2\x80\xA7\"");
  BOOST_TEST(json::quote("\x7F\xC3\xA9\xF0\x9F\x98\x80")
             == "\"\x7F\xC3\xA9\xF0\x9F\x98\x80\"");
  BOOST_TEST(json::quote(std::string{"\0", 1}) == R"("\u0000")");
}

BOOST_AUTO_TEST_CASE(replaces_bytes_that_are_not_utf8) {
  BOOST_TEST(json::quote("a\xFF"
                         "b")
             == R"("a\ufffdb")");
  BOOST_TEST(json::quote("\xE2\x80") == R"("\ufffd\ufffd")");
  BOOST_TEST(json::quote("\xED\xA0\x80") == R"("\ufffd\ufffd\ufffd")");
  BOOST_TEST(json::quote("\xC0\xAF") == R"("\ufffd\ufffd")");
}

BOOST_AUTO_TEST_CASE(writes_numbers_as_the_original_does) {
  const std::vector<std::pair<double, std::string>> cases{
    {0, "0"},         {-0.0, "-0"},         {3.5, "3.5"},
    {2, "2"},         {100.25, "100.25"},   {1e-6, "0.000001"},
    {1e-7, "1e-7"},   {1.5e-10, "1.5e-10"}, {1e20, "100000000000000000000"},
    {1e21, "1e+21"},  {1e100, "1e+100"},    {0.1, "0.1"},
    {-1e-9, "-1e-9"},
  };
  for (const auto& [number, text] : cases)
    BOOST_TEST(number_text(number) == text);
  BOOST_TEST(number_text(std::numeric_limits<double>::infinity()) == "null");
}

BOOST_AUTO_TEST_CASE(writes_the_body_of_used_resources) {
  resource_amount units{2, 3.5, 0, 100.25};
  workload_amount counts;
  counts.network = 1;
  counts.volume = 2;
  counts.zdb_namespace = 3;
  counts.container = 4;
  counts.k8s_vm = 5;
  BOOST_TEST(json::write(units, counts)
             == R"({"cru":2,"mru":3.5,"hru":0,"sru":100.25,"network":1,)"
                R"("network_resource":0,"volume":2,"zdb_namespace":3,)"
                R"("container":4,"k8s_vm":5,"proxy":0,"reverse_proxy":0,)"
                R"("subdomain":0,"delegate_domain":0})");
}

BOOST_AUTO_TEST_CASE(writes_the_counters_with_the_originals_keys) {
  BOOST_TEST(json::write(provision_counters{1, 2, 3, 4, 5, 0})
             == R"({"container":1,"Volume":2,"network":3,"zdb":4,"vm":5,)"
                R"("debug":0})");
}

BOOST_AUTO_TEST_CASE(formats_times_with_as_many_digits_as_needed) {
  BOOST_TEST(json::format_rfc3339({}) == "0001-01-01T00:00:00Z");
  BOOST_TEST(json::format_rfc3339(from_unix(0)) == "1970-01-01T00:00:00Z");
  BOOST_TEST(json::format_rfc3339(from_unix(-1)) == "1969-12-31T23:59:59Z");
  BOOST_TEST(json::format_rfc3339({1614250050, 120000000})
             == "2021-02-25T10:47:30.12Z");
  BOOST_TEST(json::format_rfc3339({1614250050, 1})
             == "2021-02-25T10:47:30.000000001Z");
  BOOST_TEST(json::format_rfc3339(from_unix(253402300799))
             == "9999-12-31T23:59:59Z");
}

BOOST_AUTO_TEST_CASE(formats_times_at_the_ends_of_the_range) {
  using range = std::numeric_limits<std::int64_t>;
  BOOST_TEST(json::format_rfc3339(from_unix(range::max()))
             == "292277026596-12-04T15:30:07Z");
  BOOST_TEST(json::format_rfc3339(from_unix(range::min()))
             == "-292277022657-01-27T08:29:52Z");
}

BOOST_AUTO_TEST_CASE(parses_what_it_formats) {
  for (std::int64_t seconds = timestamp::zero_seconds; seconds < 253402300800;
       seconds += 7919 * 86400 + 12345) {
    timestamp t{seconds, static_cast<std::int32_t>((seconds & 0xFFFF) * 1000)};
    BOOST_TEST((read_time(json::format_rfc3339(t)) == t));
  }
}

BOOST_AUTO_TEST_CASE(parses_offsets_and_long_fractions) {
  BOOST_TEST((read_time("1970-01-01T01:30:00+01:30") == from_unix(0)));
  BOOST_TEST((read_time("1969-12-31T22:00:00-02:00") == from_unix(0)));
  BOOST_TEST(
    (read_time("2000-02-29T00:00:00.5Z") == timestamp{951782400, 500000000}));
  BOOST_TEST(
    (read_time("1970-01-01T00:00:00.1234567899Z") == timestamp{0, 123456789}));
}

BOOST_AUTO_TEST_CASE(refuses_times_that_do_not_exist) {
  for (const auto* text :
       {"", "2021-02-25", "2021-02-25T10:47:30", "2021-2-25T10:47:30Z",
        "2021-02-30T10:47:30Z", "2021-13-01T10:47:30Z", "2021-00-01T10:47:30Z",
        "2021-02-25T24:00:00Z", "2021-02-25T10:60:00Z", "2021-02-25T10:47:60Z",
        "2021-02-25 10:47:30Z", "2021-02-25T10:47:30.Z", "2021-02-25T10:47:30z",
        "2021-02-25T10:47:30+1:00", "2021-02-25T10:47:30Zx",
        "2100-02-29T00:00:00Z", "10000-01-01T00:00:00Z"}) {
    auto t = json::parse_rfc3339(text);
    BOOST_TEST(!t, text);
    BOOST_TEST((t || t.error().code == errc::malformed_input));
  }
}

BOOST_AUTO_TEST_SUITE_END()
