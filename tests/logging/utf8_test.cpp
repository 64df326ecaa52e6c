#include "logging/utf8.hpp"

#include <boost/test/unit_test.hpp>

using provision::log::first_character;
using provision::log::is_control;

BOOST_AUTO_TEST_SUITE(utf8_test)

BOOST_AUTO_TEST_CASE(reads_characters_of_every_length) {
  BOOST_CHECK_EQUAL(first_character("a").code, 0x61U);
  BOOST_CHECK_EQUAL(first_character("\xC3\xA9").code, 0xE9U);
  BOOST_CHECK_EQUAL(first_character("\xE2\x82\xAC").code, 0x20ACU);
  BOOST_CHECK_EQUAL(first_character("\xF0\x9F\x98\x80").code, 0x1F600U);
  BOOST_CHECK_EQUAL(first_character("\xF0\x9F\x98\x80").length, 4U);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_not_utf8) {
  for (const auto* text : {
         "\x80",             // a byte of the middle
         "\xC3",             // cut short
         "\xC3(",            // wrong second byte
         "\xC0\xAF",         // overlong '/'
         "\xE0\x80\xAF",     // overlong in three
         "\xF0\x80\x80\xAF", // overlong in four
         "\xED\xA0\x80",     // a surrogate
         "\xF4\x90\x80\x80", // above U+10FFFF
         "\xFF",
       }) {
    BOOST_CHECK(!first_character(text).valid);
    BOOST_CHECK_EQUAL(first_character(text).length, 1U);
  }
}

BOOST_AUTO_TEST_CASE(knows_the_characters_that_disturb_a_line) {
  for (const std::uint32_t code : {0x00, 0x0A, 0x1B, 0x7F, 0x85, 0x9B, 0x2028,
                                   0x2029, 0x202E, 0x2066, 0x200F})
    BOOST_CHECK_MESSAGE(is_control(code), code);
  for (const std::uint32_t code : {0x20, 0x7E, 0xA0, 0xE9, 0x20AC, 0x1F600})
    BOOST_CHECK_MESSAGE(!is_control(code), code);
}

BOOST_AUTO_TEST_SUITE_END()
