#include "identity/result_signature.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

#include "identity_support.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(result_signature_test)

namespace {

/// The result whose signed bytes are given: state, then error or data.
result result_of(const std::string& bytes) {
  result r;
  r.id = "100-1";
  r.state = static_cast<result_state>(bytes.front());
  auto text = bytes.substr(1);
  if (r.state == state_error) {
    r.error = text.substr(0, text.size() - 4);
    r.data = "null";
  } else {
    r.data = text;
  }
  return r;
}

class broken_signer final : public signer {
public:
  expected<std::string> sign(std::string_view) const override {
    return fail(errc::identity_unusable, "no key");
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(signs_the_protocols_known_results) {
  ed25519_signer node{the_node()};
  auto rows = golden_rows("result_signatures.tsv");
  BOOST_REQUIRE_EQUAL(rows.size(), 7u);
  for (const auto& row : rows) {
    auto r = result_of(hex::decode(row.at(1)).value());
    BOOST_CHECK_EQUAL(hex::encode(r.bytes()), row.at(1));
    BOOST_CHECK(!sign(r, node));
    BOOST_CHECK_EQUAL(r.signature, row.at(2));
    BOOST_CHECK(!verify(r, the_node().public_key()));
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_changed_or_malformed_signature) {
  ed25519_signer node{the_node()};
  auto r = result_of("\x01{}");
  auto key = the_node().public_key();
  BOOST_CHECK_EQUAL(verify(r, key).message,
                    "result 100-1: signature is missing");
  r.signature = "xyz";
  BOOST_CHECK_EQUAL(verify(r, key).message,
                    "result 100-1: signature is not hexadecimal");
  r.signature = "00ff";
  BOOST_CHECK_EQUAL(verify(r, key).message,
                    "result 100-1: signature has 2 bytes instead of 64");
  BOOST_CHECK(!sign(r, node));
  BOOST_CHECK_EQUAL(
    verify(r, "short").message,
    "result 100-1: signature cannot be checked: wrong key size");
  r.state = state_deleted;
  auto refusal = verify(r, key);
  BOOST_CHECK_EQUAL(refusal.message, "result 100-1: signature does not match");
  BOOST_CHECK(refusal.code == errc::bad_signature);
}

BOOST_AUTO_TEST_CASE(passes_the_signers_error_on) {
  auto r = result_of("\x01{}");
  auto failure = sign(r, broken_signer{});
  BOOST_CHECK(failure.code == errc::identity_unusable);
  BOOST_CHECK(r.signature.empty());
}

BOOST_AUTO_TEST_SUITE_END()
