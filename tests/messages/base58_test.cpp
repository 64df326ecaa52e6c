#include "messages/base58.hpp"

#include <boost/test/unit_test.hpp>

#include "messages/hex.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(base58_test)

namespace {

struct vector {
  std::string bytes_hex;
  std::string text;
};

const vector vectors[]{
  {"", ""},
  {"00", "1"},
  {"0000", "11"},
  {"61", "2g"},
  {"00ff", "15Q"},
  {"626262", "a3gV"},
  {"0000287fb4cd", "11233QC4"},
  {"2f8c6129d816cf51c374bc7f08c3e63ed156cf78aefb4a6550d97b87997977ee",
   "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"},
  {"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
   "1G9spZjaDkgYURAhMVL27fsA2b9cSkQFAUvFVp5Axra"},
  {"db26de5be5a0bd95b775170db6d80f0461d2f7c33742726fd9c6c35d39eeb9de",
   "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85"},
};

} // namespace

BOOST_AUTO_TEST_CASE(writes_bytes_as_the_original_does) {
  for (const auto& [bytes, text] : vectors)
    BOOST_TEST(base58::encode(hex::decode(bytes).value()) == text);
}

BOOST_AUTO_TEST_CASE(reads_back_what_it_wrote) {
  for (const auto& [bytes, text] : vectors)
    BOOST_TEST(hex::encode(base58::decode(text).value()) == bytes);
}

BOOST_AUTO_TEST_CASE(refuses_characters_that_look_like_others) {
  for (auto text : {"0", "O", "I", "l", "2g ", "1\n", "\xc3\xa9"})
    BOOST_CHECK(base58::decode(text).error().code == errc::malformed_input);
}

BOOST_AUTO_TEST_SUITE_END()
