#include "logging/line.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

using namespace provision::log;

BOOST_AUTO_TEST_SUITE(line_test)

namespace {

std::string text_value(std::string value) {
  const std::vector<field> fields{{"k", std::move(value)}};
  auto line = text_line(level::info, "m", {}, fields);
  return line.substr(line.find("k=") + 2);
}

std::string json_value(std::string value) {
  const std::vector<field> fields{{"k", std::move(value)}};
  auto line = json_line(level::info, "m", {}, fields);
  return line.substr(line.find("\"k\":") + 4);
}

} // namespace

BOOST_AUTO_TEST_CASE(text_shows_level_message_reservation_and_fields) {
  const std::vector<field> fields{{"path", "/pool/7-1"}, {"limit", "10 GiB"}};
  BOOST_CHECK_EQUAL(text_line(level::info, "volume made", "7-1", fields),
                    "info  volume made reservation=7-1 path=/pool/7-1 "
                    "limit=\"10 GiB\"");
  BOOST_CHECK_EQUAL(text_line(level::error, "m", {}, {}), "error m");
  BOOST_CHECK_EQUAL(text_line(level::warning, "m", {}, {}), "warning m");
}

BOOST_AUTO_TEST_CASE(json_shows_level_message_reservation_and_fields) {
  const std::vector<field> fields{{"path", "/pool/7-1"}};
  BOOST_CHECK_EQUAL(json_line(level::warning, "volume made", "7-1", fields),
                    R"("level":"warning","message":"volume made",)"
                    R"("reservation":"7-1","path":"/pool/7-1")");
}

BOOST_AUTO_TEST_CASE(text_quotes_what_does_not_read_as_one_word) {
  BOOST_CHECK_EQUAL(text_value("plain-1.5/x"), "plain-1.5/x");
  BOOST_CHECK_EQUAL(text_value(""), R"("")");
  BOOST_CHECK_EQUAL(text_value("a=b"), R"("a=b")");
  BOOST_CHECK_EQUAL(text_value("say \"x\""), R"("say \"x\"")");
  BOOST_CHECK_EQUAL(text_value("a\\b"), R"("a\\b")");
  BOOST_CHECK_EQUAL(text_value("caf\xC3\xA9"), "\"caf\xC3\xA9\"");
}

BOOST_AUTO_TEST_CASE(no_value_can_forge_a_line_or_drive_a_terminal) {
  BOOST_CHECK_EQUAL(text_value("a\nerror forged\r\x1b[2J\t"),
                    R"("a\nerror forged\r\u001b[2J\t")");
  BOOST_CHECK_EQUAL(json_value("a\nb\r\x1b[2J\t"), R"("a\nb\r\u001b[2J\t")");
  BOOST_CHECK_EQUAL(text_value("\xC2\x85\xE2\x80\xA8\xE2\x80\xAE"),
                    R"("\u0085\u2028\u202e")");
  BOOST_CHECK_EQUAL(text_value(std::string("\0x", 2)), R"("\u0000x")");
}

BOOST_AUTO_TEST_CASE(neither_can_a_message_an_id_or_a_key) {
  const std::vector<field> fields{{"k\ny", "v"}};
  BOOST_CHECK_EQUAL(text_line(level::info, "a\nb", "7\n1", fields),
                    R"(info  a\nb reservation="7\n1" k\ny=v)");
  BOOST_CHECK_EQUAL(json_line(level::info, "a\"b", "7\n1", fields),
                    R"("level":"info","message":"a\"b",)"
                    R"("reservation":"7\n1","k\ny":"v")");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_are_shown_or_replaced) {
  BOOST_CHECK_EQUAL(text_value("a\xFFz"), R"("a\xffz")");
  BOOST_CHECK_EQUAL(json_value("a\xFFz\xC3"), R"("a\ufffdz\ufffd")");
}

BOOST_AUTO_TEST_SUITE_END()
