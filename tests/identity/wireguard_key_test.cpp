#include "identity/wireguard_key.hpp"

#include <boost/test/unit_test.hpp>

#include "messages/base64.hpp"
#include "messages/hex.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(wireguard_key_test)

BOOST_AUTO_TEST_CASE(derives_the_public_key_of_the_standards_vector) {
  // RFC 7748, section 6.1.
  const auto own = hex::decode("5dab087e624a8a4b79e17f8b83800ee6"
                               "6f3bb1292618b6fd1c2f8b27ff88e0eb");
  const auto wanted = hex::decode("de9edb7d7b7dc1b4d35b61c2ece43537"
                                  "3f8343c85b78674dadfc7e146f882b4f");
  BOOST_REQUIRE(own && wanted);
  BOOST_CHECK_EQUAL(
    wireguard_key::public_of(secret{base64::encode(*own)}).value(),
    base64::encode(*wanted));
}

BOOST_AUTO_TEST_CASE(takes_32_bytes_of_base64_and_nothing_else) {
  const std::string key = "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3Q=";
  BOOST_CHECK_EQUAL(wireguard_key::parse_public(key).value(), key);
  for (const auto* text :
       {"", "deadbeef", "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM==",
        "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3Q",
        "L+V9o0fNYkMVKNqsX7spBzD/9oSvxM/C7ZCZX1jLO3QAAAA="}) {
    BOOST_TEST_CONTEXT(text) {
      BOOST_CHECK(!wireguard_key::parse_public(text));
      BOOST_CHECK(!wireguard_key::public_of(secret{text}));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
