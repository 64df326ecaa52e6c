#include "messages/base64.hpp"

#include <utility>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(base64_test)

namespace {

const std::pair<std::string, std::string> vectors[]{
  {"", ""},
  {"f", "Zg=="},
  {"fo", "Zm8="},
  {"foo", "Zm9v"},
  {"foob", "Zm9vYg=="},
  {"fooba", "Zm9vYmE="},
  {"foobar", "Zm9vYmFy"},
  {"\xff\xff\xff", "////"},
  {"\xfb\xef\xbe", "++++"},
};

} // namespace

BOOST_AUTO_TEST_CASE(writes_with_padding) {
  for (const auto& [bytes, text] : vectors)
    BOOST_TEST(base64::encode(bytes) == text);
}

BOOST_AUTO_TEST_CASE(reads_back_what_it_wrote) {
  for (const auto& [bytes, text] : vectors)
    BOOST_TEST(base64::decode(text).value() == bytes);
}

BOOST_AUTO_TEST_CASE(carries_every_byte) {
  std::string bytes;
  for (int i = 0; i < 256; ++i)
    bytes += static_cast<char>(i);
  BOOST_TEST(base64::decode(base64::encode(bytes)).value() == bytes);
}

BOOST_AUTO_TEST_CASE(skips_line_breaks) {
  BOOST_TEST(base64::decode("Zm9v\r\nYmFy\n").value() == "foobar");
}

BOOST_AUTO_TEST_CASE(refuses_wrong_padding_and_foreign_characters) {
  for (auto text : {"Zg", "Zg=", "Zg===", "Zm9v=", "=", "====", "Z",
                    "Z===", "Zg==Zg==", "Zm 9v", "Zm-_", "Zm9v!"})
    BOOST_CHECK(base64::decode(text).error().code == errc::malformed_input);
}

BOOST_AUTO_TEST_SUITE_END()
