#include "persistence/crc32c.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace provision;

BOOST_AUTO_TEST_SUITE(crc32c_test)

BOOST_AUTO_TEST_CASE(matches_the_published_values) {
  // RFC 3720, B.4, and the check value of the CRC catalogue.
  BOOST_CHECK_EQUAL(crc32c(std::string(32, '\0')), 0x8a9136aaU);
  BOOST_CHECK_EQUAL(crc32c(std::string(32, '\xff')), 0x62a8ab43U);
  std::string ascending;
  for (char byte = 0; byte < 32; ++byte)
    ascending.push_back(byte);
  BOOST_CHECK_EQUAL(crc32c(ascending), 0x46dd794eU);
  BOOST_CHECK_EQUAL(crc32c("123456789"), 0xe3069283U);
  BOOST_CHECK_EQUAL(crc32c(""), 0U);
}

BOOST_AUTO_TEST_CASE(continues_from_any_place) {
  const std::string_view text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    BOOST_CHECK_EQUAL(crc32c(text.substr(cut), crc32c(text.substr(0, cut))),
                      crc32c(text));
}

BOOST_AUTO_TEST_CASE(gives_the_same_with_and_without_the_instruction) {
  std::string text;
  for (int size = 0; size < 100; ++size) {
    BOOST_CHECK_EQUAL(crc32c(text), crc32c_by_table(text));
    BOOST_CHECK_EQUAL(crc32c(text, 77), crc32c_by_table(text, 77));
    text.push_back(static_cast<char>(37 * size));
  }
}

BOOST_AUTO_TEST_SUITE_END()
