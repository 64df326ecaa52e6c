#include "messages/json/json.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(json_scan_test)

namespace {

std::string compacted(const std::string& text) {
  std::string compact;
  auto failure = json::check_json(text, &compact);
  BOOST_TEST(!failure, failure.message << " in " << text);
  return compact;
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(accepts_every_kind_of_value) {
  for (const auto* text :
       {"null", "true", "false", "0", "-0", "-12.5e+10", "1E5", "1e400", "\"\"",
        "[]", "{}", R"("\"\\\/\b\f\n\r\t\u00e9")", R"({"":{"a":[1,[]]}})",
        "\"\x7F\xC3\xA9\xF0\x9F\x98\x80\"", " [ 1 , 2 ] "})
    BOOST_TEST(!json::check_json(text), text);
}

BOOST_AUTO_TEST_CASE(names_the_byte_where_a_text_is_no_json) {
  const std::vector<std::pair<std::string, std::string>> cases{
    {"", "empty text"},
    {"tru", "not JSON at byte 0: expected a value"},
    {"[1 2]", "not JSON at byte 3: expected a comma"},
    {"[1,]", "not JSON at byte 3: expected a value"},
    {R"({"a"})", "not JSON at byte 4: expected a colon"},
    {R"({"a":1,})", "not JSON at byte 7: expected a key"},
    {"{1:2}", "not JSON at byte 1: expected a key"},
    {"[1}", "not JSON at byte 2: expected a comma"},
    {"[1", "not JSON at byte 2: the text ends early"},
    {"01", "not JSON at byte 1: text after the value"},
    {"-", "not JSON at byte 1: expected a digit"},
    {"1.", "not JSON at byte 2: expected a digit"},
    {"1e", "not JSON at byte 2: expected a digit"},
    {"+1", "not JSON at byte 0: expected a value"},
    {"\"a", "not JSON at byte 2: a string does not end"},
    {"\"123456789\n\"", "not JSON at byte 10: a control byte in a string"},
    {R"("\x")", "not JSON at byte 2: an unknown escape in a string"},
    {R"("\u12g4")", "not JSON at byte 3: expected four hex digits"},
    {"{} {}", "not JSON at byte 3: text after the value"},
    {"'a'", "not JSON at byte 0: expected a value"},
  };
  for (const auto& [text, message] : cases) {
    auto failure = json::check_json(text);
    BOOST_TEST((failure.code == errc::malformed_input));
    BOOST_TEST(failure.message == message, text << ": " << failure.message);
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_utf8) {
  for (const auto* text : {"\"\xFF\"", "\"\xC3\"", "\"\xED\xA0\x80\"",
                           "\"\xC0\x80\"", "\"\xF4\x90\x80\x80\""})
    BOOST_TEST(json::check_json(text).message == "not UTF-8");
  auto read = json::read_document("{\"unknown\":\"\xFF\"}");
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == errc::malformed_input));
}

BOOST_AUTO_TEST_CASE(compacts_and_escapes_as_the_original_does) {
  BOOST_TEST(compacted(R"( { "b" : "<x> & y" , "a" : [ 1.0 , null ] } )")
             == R"({"b":"\u003cx\u003e \u0026 y","a":[1.0,null]})");
  BOOST_TEST(compacted("\"\xE2\x80\xA8 \xE2\x80\xA9 \xE2\x80\xAA\"")
             == "\"\\u2028 \\u2029 \xE2\x80\xAA\"");
  BOOST_TEST(compacted(R"("\\" )") == R"("\\")");
  BOOST_TEST(compacted(R"(["\" , \"" , 1])") == R"(["\" , \"",1])");
}

BOOST_AUTO_TEST_CASE(keeps_the_limits) {
  json::limits bounds;
  bounds.depth_max = 3;
  bounds.elements_max = 4;
  bounds.document_bytes_max = 20;
  auto code = [&](const std::string& text) {
    return json::check_json(text, nullptr, bounds).code;
  };
  BOOST_TEST((code("[[[1]]]") == errc::none));
  BOOST_TEST((code("[[[[1]]]]") == errc::input_too_large));
  BOOST_TEST((code(R"({"a":[{"b":[]}]})") == errc::input_too_large));
  BOOST_TEST((code("[1,2,3,4]") == errc::none));
  BOOST_TEST((code("[1,2,3,4,5]") == errc::input_too_large));
  BOOST_TEST((code("\"" + repeated("a", 18) + "\"") == errc::none));
  BOOST_TEST((code("\"" + repeated("a", 19) + "\"") == errc::input_too_large));
}

BOOST_AUTO_TEST_CASE(keeps_the_limits_in_members_that_nobody_reads) {
  auto deep = repeated("[", 40) + repeated("]", 40);
  auto read = json::read_document("{\"unknown\":" + deep + "}");
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == errc::input_too_large));
  BOOST_TEST(read.error().message
             == "nested too deep at byte 42: the limit is 32");
  read = json::read_document("{\"unknown\":[" + repeated("1,", 65536) + "1]}");
  BOOST_REQUIRE(!read);
  BOOST_TEST((read.error().code == errc::input_too_large));
  auto huge = repeated(" ", 1U << 20U) + "{}";
  read = json::read_document(huge);
  BOOST_REQUIRE(!read);
  BOOST_TEST(read.error().message
             == "text of 1048578 bytes, the limit is 1048576");
}

BOOST_AUTO_TEST_CASE(survives_a_depth_limit_that_nobody_can_mean) {
  json::limits bounds;
  bounds.depth_max = static_cast<std::size_t>(-1);
  auto deep = repeated("[", 200000) + repeated("]", 200000);
  BOOST_TEST(
    (json::check_json(deep, nullptr, bounds).code == errc::input_too_large));
}

BOOST_AUTO_TEST_SUITE_END()
