#include "config/nearest.hpp"

#include <array>

#include <boost/test/unit_test.hpp>

using namespace provision::config;

BOOST_AUTO_TEST_SUITE(nearest_test)

BOOST_AUTO_TEST_CASE(counts_insertions_deletions_replacements_and_swaps) {
  BOOST_CHECK_EQUAL(edit_distance("", ""), 0U);
  BOOST_CHECK_EQUAL(edit_distance("", "abc"), 3U);
  BOOST_CHECK_EQUAL(edit_distance("abc", ""), 3U);
  BOOST_CHECK_EQUAL(edit_distance("url", "url"), 0U);
  BOOST_CHECK_EQUAL(edit_distance("ulr", "url"), 1U);
  BOOST_CHECK_EQUAL(edit_distance("queue", "quue"), 1U);
  BOOST_CHECK_EQUAL(edit_distance("level", "lever"), 1U);
  BOOST_CHECK_EQUAL(edit_distance("kitten", "sitting"), 3U);
}

constexpr std::array<std::string_view, 4> keys{
  "explorer.url", "explorer.poll_interval", "explorer.signatures",
  "replay.signatures"};

BOOST_AUTO_TEST_CASE(finds_a_misspelt_key) {
  BOOST_CHECK_EQUAL(nearest("explorer.pol_intervall", keys),
                    "explorer.poll_interval");
  BOOST_CHECK_EQUAL(nearest("explorer.ulr", keys), "explorer.url");
}

BOOST_AUTO_TEST_CASE(finds_a_key_that_stands_in_the_wrong_section) {
  BOOST_CHECK_EQUAL(nearest("url", keys), "explorer.url");
  BOOST_CHECK_EQUAL(nearest("node.poll_interval", keys),
                    "explorer.poll_interval");
}

BOOST_AUTO_TEST_CASE(prefers_the_key_of_the_section_that_was_written) {
  BOOST_CHECK_EQUAL(nearest("replay.signature", keys), "replay.signatures");
  BOOST_CHECK_EQUAL(nearest("explorer.signature", keys), "explorer.signatures");
}

BOOST_AUTO_TEST_CASE(stays_silent_when_nothing_is_near) {
  BOOST_CHECK_EQUAL(nearest("explorer.colour", keys), "");
  BOOST_CHECK_EQUAL(nearest("", {}), "");
}

BOOST_AUTO_TEST_SUITE_END()
