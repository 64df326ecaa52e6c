#include "identity/document_signature.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <string>
#include <vector>

#include "identity_support.hpp"
#include "messages/json/json.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(document_signature_test)

namespace {

constexpr std::int64_t signed_epoch = 1614250000;

documents::workload a_volume() {
  documents::workload w;
  w.id = 100;
  w.workload_id = 1;
  w.node_id = the_node().node_id();
  w.pool_id = 11;
  w.customer_tid = 7;
  w.description = "my volume";
  w.metadata = "meta";
  w.epoch = from_unix(1614250050);
  w.type = 2;
  w.content = documents::volume{.size = 10, .type = 1};
  w.signing_request_delete = {{{7}}, 1};
  return w;
}

/// Users 1 to 9, each with a key of its own.
node_key user(std::int64_t tid) {
  return key_of(std::string(32, static_cast<char>('0' + tid)));
}

expected<std::string> find_user(std::int64_t tid) {
  return user(tid).public_key();
}

void agree(documents::workload& w, std::int64_t tid) {
  if (!w.signatures_delete)
    w.signatures_delete.emplace();
  w.signatures_delete->push_back(
    {tid, agreement_signature(w, "delete", tid, user(tid)), {}});
}

} // namespace

BOOST_AUTO_TEST_CASE(makes_and_verifies_the_protocols_known_signatures) {
  auto rows = golden_rows("document_signatures.tsv");
  BOOST_REQUIRE(rows.size() == 16u);
  auto key = the_user();
  for (const auto& row : rows) {
    BOOST_TEST_CONTEXT(row.at(0)) {
      auto w = json::read_document(row.at(4));
      BOOST_REQUIRE_MESSAGE(w, w.error().message);
      BOOST_CHECK_EQUAL(agreement_signature(*w, "delete", 7, key), row.at(2));
      BOOST_CHECK_EQUAL(agreement_signature(*w, "provision", 7, key),
                        row.at(3));
      BOOST_CHECK(
        !verify_agreement(*w, "delete", {7, row.at(2), {}}, key.public_key()));
      BOOST_CHECK(!verify_agreement(*w, "provision", {7, row.at(3), {}},
                                    key.public_key()));
      w->epoch = from_unix(signed_epoch);
      BOOST_CHECK_EQUAL(documents::challenge(*w), row.at(1));
      BOOST_CHECK_EQUAL(customer_signature(*w, key), w->customer_signature);
      BOOST_CHECK(!verify_customer_signature(*w, key.public_key()));
    }
  }
}

BOOST_AUTO_TEST_CASE(refuses_a_document_whose_epoch_was_rewritten) {
  auto w = a_volume();
  w.epoch = from_unix(signed_epoch);
  w.customer_signature = customer_signature(w, the_user());
  BOOST_CHECK(!verify_customer_signature(w, the_user().public_key()));
  w.epoch = from_unix(1614250050);
  auto refusal = verify_customer_signature(w, the_user().public_key());
  BOOST_CHECK(refusal.code == errc::bad_signature);
  BOOST_CHECK_EQUAL(refusal.message,
                    "workload 100-1: customer_signature does not match");
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_a_customer_signature) {
  auto w = a_volume();
  auto key = the_user().public_key();
  BOOST_CHECK_EQUAL(verify_customer_signature(w, key).message,
                    "workload 100-1: customer_signature is missing");
  w.customer_signature = "not hex";
  BOOST_CHECK_EQUAL(verify_customer_signature(w, key).message,
                    "workload 100-1: customer_signature is not hexadecimal");
  w.customer_signature = std::string(126, 'a');
  BOOST_CHECK_EQUAL(
    verify_customer_signature(w, key).message,
    "workload 100-1: customer_signature has 63 bytes instead of 64");
}

BOOST_AUTO_TEST_CASE(is_bound_to_the_node) {
  auto w = a_volume();
  w.node_id = "node1";
  w.customer_signature = customer_signature(w, the_user());
  w.node_id = "node2";
  BOOST_CHECK(verify_customer_signature(w, the_user().public_key()));
}

BOOST_AUTO_TEST_CASE(lets_a_quorum_of_the_signers_delete) {
  auto w = a_volume();
  w.signing_request_delete = {{{1, 3, 5}}, 2};
  agree(w, 1);
  BOOST_CHECK(verify_deletion(w, find_user));
  agree(w, 3);
  BOOST_CHECK(!verify_deletion(w, find_user));
  agree(w, 5);
  BOOST_CHECK(!verify_deletion(w, find_user));
}

// The signatures and required signers of the original's quorum tests.
BOOST_AUTO_TEST_CASE(counts_only_signers_that_were_asked) {
  struct row {
    std::vector<std::int64_t> given, asked;
    std::int64_t count;
  };
  const std::vector<row> rows{
    {{1}, {1}, 1}, {{1}, {2}, 0}, {{1, 2, 3}, {1, 3}, 2}, {{}, {1}, 0}};
  for (const auto& [given, asked, count] : rows) {
    auto w = a_volume();
    w.signing_request_delete = {asked, 3};
    for (auto tid : given)
      agree(w, tid);
    BOOST_CHECK_EQUAL(verify_deletion(w, find_user).message,
                      "workload 100-1: deletion has " + std::to_string(count)
                        + " of 3 valid signatures");
  }
}

BOOST_AUTO_TEST_CASE(counts_each_signer_once) {
  auto w = a_volume();
  w.signing_request_delete = {{{1, 2}}, 2};
  agree(w, 1);
  agree(w, 1);
  BOOST_CHECK(verify_deletion(w, find_user).code == errc::bad_signature);
}

BOOST_AUTO_TEST_CASE(never_deletes_without_a_quorum) {
  for (std::int64_t quorum : {0, -1}) {
    auto w = a_volume();
    w.signing_request_delete = {{{7}}, quorum};
    agree(w, 7);
    BOOST_CHECK_EQUAL(verify_deletion(w, find_user).message,
                      "workload 100-1: signatures cannot delete it, "
                      "quorum_min is "
                        + std::to_string(quorum));
  }
  auto unsigned_volume = a_volume();
  unsigned_volume.signing_request_delete = {std::nullopt, 1};
  agree(unsigned_volume, 7);
  BOOST_CHECK(verify_deletion(unsigned_volume, find_user));
}

BOOST_AUTO_TEST_CASE(names_the_first_flaw_of_a_refused_deletion) {
  auto w = a_volume();
  agree(w, 7);
  w.description = "changed";
  BOOST_CHECK_EQUAL(verify_deletion(w, find_user).message,
                    "workload 100-1: deletion has 0 of 1 valid signatures; "
                    "workload 100-1: delete signature of user 7 does not "
                    "match");
  auto nobody = [](std::int64_t) -> expected<std::string> {
    return fail(errc::unknown_user, "user 7: unknown");
  };
  BOOST_CHECK(verify_deletion(w, nobody).code == errc::bad_signature);
}

BOOST_AUTO_TEST_CASE(asks_for_another_try_when_nobody_can_name_the_key) {
  auto w = a_volume();
  w.signing_request_delete = {{{1, 3}}, 2};
  agree(w, 1);
  agree(w, 3);
  auto offline = [](std::int64_t tid) -> expected<std::string> {
    if (tid == 3)
      return fail(errc::explorer_unreachable, "explorer: connection refused");
    return find_user(tid);
  };
  BOOST_CHECK(verify_deletion(w, offline).code == errc::explorer_unreachable);
  // With a quorum of three the missing key could not have helped.
  w.signing_request_delete.quorum_min = 3;
  BOOST_CHECK(verify_deletion(w, offline).code == errc::bad_signature);
}

BOOST_AUTO_TEST_SUITE_END()
