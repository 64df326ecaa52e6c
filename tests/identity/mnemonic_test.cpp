#include "identity/mnemonic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

#include "identity/bip39_words.hpp"
#include "identity_support.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(mnemonic_test)

namespace {

const std::string known_words
  = "crop orient animal script safe inquiry neglect tumble maple board degree "
    "you intact busy birth west crack cabin lizard embark seed adjust around "
    "talk";
const std::string known_seed
  = "33f3902460dbe0e9a50752878314e77f97583e45afcb31c3fa0b242c2e07030e";

std::string repeat(const std::string& word, int times) {
  std::string text;
  for (int i = 0; i < times; ++i)
    text += word + " ";
  return text;
}

std::string refusal_of(const std::string& words) {
  auto seed = mnemonic::decode(secret{words});
  if (seed)
    return "none";
  BOOST_CHECK(seed.error().code == errc::malformed_input);
  return seed.error().message;
}

} // namespace

BOOST_AUTO_TEST_CASE(knows_the_words_in_order) {
  BOOST_CHECK(std::is_sorted(bip39_words.begin(), bip39_words.end()));
  BOOST_CHECK(bip39_words.front() == "abandon");
  BOOST_CHECK(bip39_words.back() == "zoo");
}

BOOST_AUTO_TEST_CASE(reads_the_protocols_known_mnemonic) {
  auto seed = mnemonic::decode(secret{known_words});
  BOOST_REQUIRE(seed);
  BOOST_CHECK_EQUAL(hex::encode(seed->reveal()), known_seed);
  BOOST_CHECK(mnemonic::encode(*seed)->reveal() == known_words);
}

// The first two of BIP-39's own vectors with 256 bits, and its last pattern.
BOOST_AUTO_TEST_CASE(reads_the_standards_own_vectors) {
  auto zeros = mnemonic::decode(secret{repeat("abandon", 23) + "art"});
  BOOST_REQUIRE(zeros);
  BOOST_CHECK(zeros->reveal() == std::string(32, '\0'));
  auto ones = mnemonic::decode(secret{repeat("zoo", 23) + "vote"});
  BOOST_REQUIRE(ones);
  BOOST_CHECK(ones->reveal() == std::string(32, '\xFF'));
}

BOOST_AUTO_TEST_CASE(accepts_any_white_space_between_words) {
  auto spaced = known_words;
  std::replace(spaced.begin(), spaced.end(), ' ', '\n');
  BOOST_CHECK(mnemonic::decode(secret{"\t " + spaced + " \r\n"}));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_mnemonic_without_repeating_it) {
  BOOST_CHECK_EQUAL(refusal_of(""), "mnemonic has 0 words instead of 24");
  BOOST_CHECK_EQUAL(refusal_of("abandon"),
                    "mnemonic has 1 words instead of 24");
  BOOST_CHECK_EQUAL(refusal_of(known_words + " zoo"),
                    "mnemonic has 25 words instead of 24");
  BOOST_CHECK_EQUAL(refusal_of(repeat("abandon", 23) + "hunter2"),
                    "word 24 of the mnemonic is unknown");
  BOOST_CHECK_EQUAL(refusal_of(repeat("abandon", 24)),
                    "checksum of the mnemonic does not match");
}

BOOST_AUTO_TEST_CASE(refuses_to_put_other_lengths_into_words) {
  BOOST_CHECK(!mnemonic::encode(secret{}));
  BOOST_CHECK(!mnemonic::encode(secret{"short"}));
}

BOOST_AUTO_TEST_CASE(brings_back_any_seed) {
  seeded_entropy random{2};
  for (int round = 0; round < 300; ++round) {
    auto seed = random.draw(32);
    auto words = mnemonic::encode(seed);
    BOOST_REQUIRE(words);
    BOOST_CHECK(mnemonic::decode(*words) == seed);
  }
}

BOOST_AUTO_TEST_SUITE_END()
