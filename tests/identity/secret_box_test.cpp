#include "identity/secret_box.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

#include "identity/sodium/sodium_entropy.hpp"
#include "identity_support.hpp"

using namespace provision;
using namespace provision::secret_box;

BOOST_AUTO_TEST_SUITE(secret_box_test)

namespace {

struct known_pair {
  std::string seed;
  std::string curve_private;
  std::string curve_public;
};

// clang-format off
const std::vector<known_pair> known_pairs{
  {"68656c6c6f776f726c6468656c6c6f776f726c6468656c6c6f776f726c643132",
   "70ee05189d2f67146ad63dce82699606c8b80b583a4a49b5a564da1e524ccb73",
   "49baa131d79bd1b0841c4642a58aa1af4a2aa676c3e5967e9bc85303eb6edb7c"},
  {"3132333435363738393031323334353637383930313233343536373839303132",
   "f0106660c3dda23f16daa9ac5b811b963077f5bc0af89f85804f0de8e424f050",
   "f22aa4a9ec6ff1e591d83dc97d8cdfceea8f7cd7453281e07672d415b9637454"},
  {"3131313131313131313131313131313131313131313131313131313131313131",
   "88803fd8e5cb4cec466a0ec3e38c3c65cc893fe16adae69ae01556ade3fba864",
   "93a60facac13be51b94dec042d7984b675bff6cbf1a66908820982b596566669"},
  {"3232323232323232323232323232323232323232323232323232323232323232",
   "6052b6b1abeddc7389de3c0ec12da3b2c5ccc4004abe7e2f60b38eb4acde8161",
   "db4a0af8713c6e404cce6d3bfa9b6af9134a9d7bc062a4bbad003415921c581e"},
  {"48b006903197c5e97387e04385aadc8b39b2c12439b5c324035fecaa0ec35e77",
   "00910043dff0af0fede7b795f6fc91c399f6fb9d41a2b1dabfa59f27b8c86e6c",
   "35d485f6ac26db64975b26ba1c30bcf913f74acfc944389d8cdd05eca1a83d26"},
  {"33f3902460dbe0e9a50752878314e77f97583e45afcb31c3fa0b242c2e07030e",
   "d81090b1ee26e99fff12bdd40a64b7dd377a73c63c144671db4d09555a90aa41",
   "b663da39bdb559b83ef8bf62cfc3a8b00ca23ba0cb6287698ebcb1ed3d337843"},
};
// clang-format on

const std::string known_sealed
  = "0bfe9e3b9ce17fe6d570b165ea2a01034326b8c81d5f2c5384c8fe886552f074ec43017465"
    "598c4f5a857b495b445be46c3df48d14878bd0b1b907";
const std::string known_box
  = "8a246cd20d2d29b8f45d7a32e469cd914707bf3abed5747bcd9b54383e56e9be97b940df5a"
    "6826400f36a829ce10c618979ee2";
const std::string known_user_box
  = "000102030405060708090a0b0c0d0e0f1011121314151617cefeff5266f7582cdfc2badfd0"
    "738eacae933dfb09cf3fcd8f8d60";

node_key ones() {
  return key_of(std::string(32, '1'));
}
node_key twos() {
  return key_of(std::string(32, '2'));
}

void check_refused(const expected<secret>& opened) {
  BOOST_REQUIRE(!opened);
  BOOST_CHECK(opened.error().code == errc::malformed_input);
  BOOST_CHECK(!opened.error().message.empty());
}

} // namespace

BOOST_AUTO_TEST_CASE(converts_the_protocols_known_keys) {
  for (const auto& known : known_pairs) {
    auto pair = key_of(hex::decode(known.seed).value());
    BOOST_CHECK_EQUAL(hex::encode(curve_private_key(pair)->reveal()),
                      known.curve_private);
    BOOST_CHECK_EQUAL(hex::encode(curve_public_key(pair.public_key()).value()),
                      known.curve_public);
  }
}

BOOST_AUTO_TEST_CASE(opens_the_protocols_known_boxes) {
  auto sealed = decrypt_text(0, known_sealed, the_user(), {});
  BOOST_REQUIRE(sealed);
  BOOST_CHECK(sealed->reveal() == "hello world");
  for (std::int64_t version : {1, 2, -1}) {
    auto text = decrypt_text(version, known_box, twos(), ones().public_key());
    BOOST_REQUIRE(text);
    BOOST_CHECK(text->reveal() == "hello world");
  }
  auto password
    = decrypt_text(2, known_user_box, the_node(), the_user().public_key());
  BOOST_REQUIRE(password);
  BOOST_CHECK(password->reveal() == "supersecret");
}

BOOST_AUTO_TEST_CASE(makes_the_protocols_known_box) {
  std::string nonce;
  for (char byte = 0; byte < 24; ++byte)
    nonce += byte;
  fixed_entropy random{nonce};
  auto box
    = encrypt("supersecret", the_user(), the_node().public_key(), random);
  BOOST_REQUIRE(box);
  BOOST_CHECK_EQUAL(hex::encode(*box), known_user_box);
}

BOOST_AUTO_TEST_CASE(takes_empty_text_as_no_secret) {
  for (std::int64_t version : {0, 2}) {
    auto text = decrypt_text(version, "", the_node(), "");
    BOOST_REQUIRE(text);
    BOOST_CHECK(text->empty());
  }
}

BOOST_AUTO_TEST_CASE(refuses_every_text_that_is_too_short) {
  for (std::size_t size = 1; size < 48; ++size) {
    auto text = hex::encode(std::string(size, 'x'));
    check_refused(decrypt_text(0, text, the_node(), {}));
    check_refused(decrypt_text(2, text, the_node(), the_user().public_key()));
  }
  auto refusal = decrypt_text(0, "00", the_node(), {});
  BOOST_CHECK_EQUAL(refusal.error().message, "invalid cipher text too short");
}

BOOST_AUTO_TEST_CASE(refuses_text_that_is_not_hexadecimal) {
  check_refused(decrypt_text(0, "supersecret", the_node(), {}));
  check_refused(decrypt_text(2, "abc", the_node(), the_user().public_key()));
}

BOOST_AUTO_TEST_CASE(refuses_boxes_for_others) {
  check_refused(decrypt_text(0, known_sealed, the_node(), {}));
  check_refused(decrypt_text(2, known_box, ones(), the_node().public_key()));
  // Each scheme refuses the other's boxes.
  check_refused(decrypt_text(2, known_sealed, the_user(), ones().public_key()));
  check_refused(decrypt_text(0, known_box, twos(), {}));
}

BOOST_AUTO_TEST_CASE(refuses_keys_that_are_none) {
  sodium_entropy random;
  for (const std::string& key :
       {std::string{}, std::string(31, 'k'), std::string(33, 'k'),
        std::string(32, '\0'), std::string(32, '\xFF'),
        // The neutral element: on the curve, but of small order.
        "\x01" + std::string(31, '\0')}) {
    check_refused(decrypt_text(2, known_box, twos(), key));
    BOOST_CHECK(!seal("x", key, random));
    BOOST_CHECK(!encrypt("x", the_node(), key, random));
  }
}

BOOST_AUTO_TEST_CASE(opens_what_it_closed_and_nothing_that_changed) {
  seeded_entropy random{6};
  for (std::size_t round = 0; round < 60; ++round) {
    auto node = node_key::from_seed(random.draw(32)).value();
    auto user = node_key::from_seed(random.draw(32)).value();
    auto plain = random.draw(round);
    auto sealed = seal(plain.reveal(), node.public_key(), random).value();
    auto box = encrypt(plain.reveal(), user, node.public_key(), random).value();
    BOOST_CHECK_EQUAL(sealed.size(), 48 + plain.size());
    BOOST_CHECK_EQUAL(box.size(), 40 + plain.size());
    BOOST_CHECK(open_sealed(sealed, node) == plain);
    BOOST_CHECK(decrypt(box, node, user.public_key()) == plain);
    // The key is the same from both sides.
    BOOST_CHECK(decrypt(box, user, node.public_key()) == plain);
    auto place = static_cast<unsigned char>(random.draw(1).reveal()[0]);
    sealed[32 + place % (sealed.size() - 32)] ^= 1;
    box[place % box.size()] ^= 1;
    check_refused(open_sealed(sealed, node));
    check_refused(decrypt(box, node, user.public_key()));
  }
}

BOOST_AUTO_TEST_SUITE_END()
