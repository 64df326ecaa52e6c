#include "identity/node_key.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <thread>
#include <vector>

#include "identity/ed25519.hpp"
#include "identity_support.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(node_key_test)

namespace {

struct known_key {
  std::string seed;
  std::string public_key;
  std::string node_id;
};

// clang-format off
const std::vector<known_key> known_keys{
  {"68656c6c6f776f726c6468656c6c6f776f726c6468656c6c6f776f726c643132",
   "db26de5be5a0bd95b775170db6d80f0461d2f7c33742726fd9c6c35d39eeb9de",
   "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85"},
  {"3132333435363738393031323334353637383930313233343536373839303132",
   "2f8c6129d816cf51c374bc7f08c3e63ed156cf78aefb4a6550d97b87997977ee",
   "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"},
  {"3131313131313131313131313131313131313131313131313131313131313131",
   "48075a597e721a156e2e0799de5cc0c5324dc6e7eaf1cdd46250868ec53215dd",
   "5rArie7XKukPCaEwq5XGQJnM9Fc5aZE3M9HAPVfMU2xC"},
  {"3232323232323232323232323232323232323232323232323232323232323232",
   "5e212c0980e4b39fc09721134aa02109374edfd260c0d3d03cb501c8d65457a9",
   "7LSfLv2S6K7zMPrgmJDkZoJNhWvWRzpU7qt9uMR5yz8G"},
  {"48b006903197c5e97387e04385aadc8b39b2c12439b5c324035fecaa0ec35e77",
   "254f39a2e5272f8b9b90746cdb1bffd903e3dc103ced0242b80b4073dbf152fd",
   "3We9p7C3wihY3ZZSP5w4ujEBPVtm685fVW563MVFbnE8"},
  {"33f3902460dbe0e9a50752878314e77f97583e45afcb31c3fa0b242c2e07030e",
   "0bcc59ed4d5967cebcf5fb7928433aa31735d1c3be25e489d08406034dc01479",
   "o4DQqEXFFuvz7GPtzC1egLzSrrZuWSkCETGA5ikYNXJ"},
};
// clang-format on

} // namespace

BOOST_AUTO_TEST_CASE(derives_the_protocols_known_keys_and_ids) {
  for (const auto& known : known_keys) {
    auto key = key_of(hex::decode(known.seed).value());
    BOOST_CHECK_EQUAL(hex::encode(key.public_key()), known.public_key);
    BOOST_CHECK_EQUAL(key.node_id(), known.node_id);
    BOOST_CHECK(public_key_of_node_id(known.node_id) == key.public_key());
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_seed_of_another_length) {
  for (auto size : {0, 31, 33, 64}) {
    auto key = node_key::from_seed(
      secret{std::string(static_cast<std::size_t>(size), 'x')});
    BOOST_REQUIRE(!key);
    BOOST_CHECK(key.error().code == errc::malformed_input);
  }
}

BOOST_AUTO_TEST_CASE(signs_what_only_its_own_key_verifies) {
  auto node = the_node();
  auto signature = node.sign("hello world");
  BOOST_CHECK_EQUAL(signature.size(), 64u);
  BOOST_CHECK(ed25519::matches(signature, "hello world", node.public_key()));
  BOOST_CHECK(
    !ed25519::matches(signature, "hello world", the_user().public_key()));
  signature.replace(0, 2, "ab");
  BOOST_CHECK(!ed25519::matches(signature, "hello world", node.public_key()));
}

BOOST_AUTO_TEST_CASE(verifies_nothing_of_the_wrong_size) {
  auto node = the_node();
  auto signature = node.sign("");
  BOOST_CHECK(ed25519::matches(signature, "", node.public_key()));
  BOOST_CHECK(!ed25519::matches("", "", node.public_key()));
  BOOST_CHECK(!ed25519::matches(signature + "x", "", node.public_key()));
  BOOST_CHECK(!ed25519::matches(signature, "", ""));
  BOOST_CHECK(!ed25519::matches(signature, "", node.public_key() + "x"));
}

BOOST_AUTO_TEST_CASE(refuses_ids_with_foreign_characters_or_wrong_size) {
  auto foreign = public_key_of_node_id("0OIl");
  BOOST_REQUIRE(!foreign);
  BOOST_CHECK(foreign.error().code == errc::malformed_input);
  for (std::string id : {"", "1", "2g", "4CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA",
                         "11114CcKDtU1JNGi8U4D8Rv9CHzfmF7xzaxEAPFA54eQjRHF"}) {
    auto key = public_key_of_node_id(id);
    BOOST_REQUIRE(!key);
    BOOST_CHECK(key.error().code == errc::malformed_input);
    BOOST_CHECK_EQUAL(key.error().message, "node id: wrong key size");
  }
  BOOST_CHECK(!public_key_of_node_id(std::string(1U << 20U, 'z')));
}

BOOST_AUTO_TEST_CASE(names_any_key_so_that_it_is_found_again) {
  seeded_entropy random{1};
  for (int round = 0; round < 200; ++round) {
    auto key = node_key::from_seed(random.draw(32)).value();
    BOOST_CHECK(public_key_of_node_id(key.node_id()) == key.public_key());
    auto message
      = std::string{random.draw(static_cast<std::size_t>(round)).reveal()};
    auto signature = key.sign(message);
    BOOST_CHECK(ed25519::matches(signature, message, key.public_key()));
    BOOST_CHECK(!ed25519::matches(signature, message + "x", key.public_key()));
  }
}

BOOST_AUTO_TEST_CASE(signs_from_several_threads_at_once) {
  const ed25519_signer node{the_node()};
  auto wanted = node.sign("message").value();
  std::vector<std::thread> threads;
  std::vector<int> wrong(4, 0);
  for (auto& count : wrong)
    threads.emplace_back([&node, &wanted, &count] {
      for (int i = 0; i < 50; ++i)
        count += node.sign("message") == wanted ? 0 : 1;
    });
  for (auto& thread : threads)
    thread.join();
  BOOST_CHECK(wrong == std::vector<int>(4, 0));
}

BOOST_AUTO_TEST_SUITE_END()
