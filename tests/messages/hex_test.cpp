#include "messages/hex.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(hex_test)

BOOST_AUTO_TEST_CASE(writes_lower_case_with_leading_zeros) {
  BOOST_TEST(hex::encode(std::string_view{"\x00\x0f\xff\xA0", 4})
             == "000fffa0");
  BOOST_TEST(hex::encode("").empty());
}

BOOST_AUTO_TEST_CASE(reads_both_cases) {
  BOOST_TEST(hex::decode("4aAf").value() == "\x4a\xaf");
  BOOST_TEST(hex::decode("").value().empty());
}

BOOST_AUTO_TEST_CASE(refuses_half_bytes_and_foreign_characters) {
  for (auto text : {"a", "abc", "0x", "g0", "0g", " 0", "+1", "-1"})
    BOOST_CHECK(hex::decode(text).error().code == errc::malformed_input);
}

BOOST_AUTO_TEST_SUITE_END()
