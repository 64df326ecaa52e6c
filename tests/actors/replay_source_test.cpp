#include "actors/sources/replay_source.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

#include "tests/actors/asking.hpp"

using namespace provision;
using namespace provision::testing;

namespace replay_source_test {
namespace {

struct fixture : deterministic {
  void start(const std::string& text) {
    source = spawn(replay_source, std::make_shared<std::istringstream>(text),
                   options);
  }

  source_page page() {
    auto answer = ask<source_page>(source, next_page{});
    return answer ? *answer : source_page{.source = answer.error().message};
  }

  std::string texts(const source_page& page) {
    std::string result;
    for (auto& one : page.documents)
      result += std::string{one.text} + ";";
    return result;
  }

  replay_source_options options = {.name = "replay:file"};
  source_actor source;
};

} // namespace
} // namespace replay_source_test

BOOST_FIXTURE_TEST_SUITE(replay_source_test, fixture)

BOOST_AUTO_TEST_CASE(reads_documents_and_reservations_side_by_side) {
  start("{\"workload_type\":1}\n{\"ID\":\"1-1\"}\n");
  auto got = page();
  BOOST_REQUIRE_EQUAL(got.documents.size(), 2);
  BOOST_CHECK(got.documents[0].form == text_form::document);
  BOOST_CHECK(got.documents[1].form == text_form::reservation);
  BOOST_CHECK(got.documents[1].text == "{\"ID\":\"1-1\"}");
  BOOST_CHECK_EQUAL(got.source, "replay:file");
}

BOOST_AUTO_TEST_CASE(skips_blank_lines_but_counts_them) {
  start("\n  \t\r\n{1}\n\n{2}\n");
  auto got = page();
  BOOST_CHECK_EQUAL(texts(got), "{1};{2};");
  BOOST_CHECK_EQUAL(*got.cursor, 5);
}

BOOST_AUTO_TEST_CASE(reads_a_last_line_without_its_end) {
  start("{1}\n{2}");
  BOOST_CHECK_EQUAL(texts(page()), "{1};{2};");
}

BOOST_AUTO_TEST_CASE(cuts_an_overlong_line_and_reads_on_behind_it) {
  options.line_bytes_max = 10;
  start("{1}\n" + std::string(5000, 'x') + "\n{3}\n");
  auto got = page();
  BOOST_REQUIRE_EQUAL(got.documents.size(), 3);
  // One byte more than allowed, so that whoever decodes it sees that, too.
  BOOST_CHECK_EQUAL(got.documents[1].text.size(), 11);
  BOOST_CHECK(got.documents[2].text == "{3}");
}

BOOST_AUTO_TEST_CASE(takes_a_line_of_exactly_the_limit) {
  options.line_bytes_max = 10;
  start(std::string(10, 'x') + "\n");
  BOOST_CHECK_EQUAL(page().documents.at(0).text.size(), 10);
}

BOOST_AUTO_TEST_CASE(hands_over_pages_of_a_limited_size) {
  options.page_size = 2;
  start("1\n2\n3\n4\n5\n");
  auto first = page();
  BOOST_CHECK_EQUAL(texts(first), "1;2;");
  BOOST_CHECK(!first.end_of_stream && !first.history_end);
  BOOST_CHECK_EQUAL(*first.cursor, 2);
  BOOST_CHECK_EQUAL(texts(page()), "3;4;");
  auto last = page();
  BOOST_CHECK_EQUAL(texts(last), "5;");
  BOOST_CHECK(last.end_of_stream && last.history_end);
}

BOOST_AUTO_TEST_CASE(goes_on_at_its_cursor) {
  options.from = 3;
  start("1\n\n3\n4\n");
  auto got = page();
  BOOST_CHECK_EQUAL(texts(got), "4;");
  BOOST_CHECK_EQUAL(*got.cursor, 4);
}

BOOST_AUTO_TEST_CASE(a_cursor_beyond_the_end_finds_nothing_new) {
  options.from = 9;
  start("1\n2\n");
  auto got = page();
  BOOST_CHECK(got.documents.empty() && got.end_of_stream);
}

BOOST_AUTO_TEST_CASE(keeps_no_place_in_what_cannot_be_read_twice) {
  options.resumes = false;
  start("1\n");
  BOOST_CHECK(!page().cursor);
}

BOOST_AUTO_TEST_CASE(has_nothing_more_after_the_end) {
  start("1\n");
  page();
  auto answer = ask<source_page>(source, next_page{});
  BOOST_REQUIRE(!answer);
  BOOST_CHECK(answer.error().code == errc::end_of_stream);
}

BOOST_AUTO_TEST_SUITE_END()
