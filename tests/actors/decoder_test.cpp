#include "actors/decoder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>

#include "identity/document_signature.hpp"
#include "messages/json/json.hpp"
#include "tests/support/node_under_test.hpp"

using namespace provision;
using namespace provision::testing;

BOOST_AUTO_TEST_SUITE(decoder_test)

namespace {

const std::string golden_node = "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85";

std::string golden(const std::string& name) {
  std::ifstream in{"tests/golden/" + name};
  return {std::istreambuf_iterator<char>{in}, {}};
}

decoded_document decode_document(std::string text, std::string node_id) {
  return decode(own_text(std::move(text), text_form::document), node_id);
}

} // namespace

BOOST_AUTO_TEST_CASE(decodes_a_document_and_keeps_its_bytes) {
  auto text = golden("documents/container.json");
  auto made = decode_document(text, golden_node);
  BOOST_REQUIRE(made.entry.what);
  BOOST_CHECK(!made.entry.refusal);
  BOOST_CHECK_EQUAL(made.entry.what->id, "102-1");
  BOOST_CHECK_EQUAL(made.document->customer_tid, 7);
  BOOST_CHECK(made.entry.received.text == text);
}

BOOST_AUTO_TEST_CASE(decodes_a_reservation_in_the_nodes_own_form) {
  auto r = a_volume("1-1");
  auto made
    = decode(own_text(*json::write(r), text_form::reservation), r.node_id);
  BOOST_REQUIRE(made.entry.what);
  BOOST_CHECK_EQUAL(made.entry.what->id, r.id);
  BOOST_CHECK_EQUAL(made.entry.what->data, r.data);
  BOOST_CHECK(std::get<workloads::volume>(made.entry.what->workload)
              == (workloads::volume{10, workloads::disk_type::ssd}));
}

BOOST_AUTO_TEST_CASE(refuses_what_was_made_for_another_node) {
  auto made = decode_document(golden("documents/container.json"), "another");
  BOOST_CHECK(made.entry.refusal.code == errc::wrong_node);
  BOOST_CHECK(made.entry.refusal.message.find(golden_node)
              != std::string::npos);
  auto own = decode(
    own_text(*json::write(a_volume("1-1")), text_form::reservation), "another");
  BOOST_CHECK(own.entry.refusal.code == errc::wrong_node);
}

BOOST_AUTO_TEST_CASE(takes_what_names_no_node) {
  auto document = *json::read_document(golden("documents/proxy.json"));
  document.node_id.clear();
  auto made = decode_document(json::write(document), "another");
  BOOST_CHECK(!made.entry.refusal);
}

BOOST_AUTO_TEST_CASE(tells_whose_a_text_is_that_does_not_decode) {
  auto made = decode_document(
    R"({"id":9,"workload_id":1,"workload_type":2,"size":"big"})", golden_node);
  BOOST_CHECK(!made.entry.what);
  BOOST_CHECK(made.entry.refusal);
  BOOST_CHECK_EQUAL(made.entry.id, "9-1");
  BOOST_CHECK_EQUAL(made.entry.type.name, "volume");
}

BOOST_AUTO_TEST_CASE(knows_nothing_of_a_text_that_is_no_json) {
  for (auto* text : {"", "{broken", "null", "[]", "\xff\xfe"}) {
    auto made = decode_document(text, golden_node);
    BOOST_CHECK(made.entry.refusal);
    BOOST_CHECK(!made.entry.what);
    BOOST_CHECK(made.entry.id.empty());
  }
}

BOOST_AUTO_TEST_CASE(refuses_ids_that_cannot_name_a_workload) {
  for (auto* id : {"", "..", "../1", "a/b"}) {
    auto made
      = decode(own_text(*json::write(a_volume(id)), text_form::reservation),
               a_node_key().node_id());
    BOOST_CHECK(made.entry.refusal.code == errc::invalid_reservation);
  }
}

BOOST_FIXTURE_TEST_CASE(gives_one_verdict_per_document_in_order,
                        deterministic) {
  auto decoder = spawn(decoder_behavior);
  auto customer = a_node_key();
  auto document = *json::read_document(golden("documents/volume.json"));
  document.customer_signature = customer_signature(document, customer);
  auto text = json::write(document);
  auto altered = document;
  altered.pool_id += 1;
  auto as = [&](std::string bytes, text_form form) {
    auto made = decode(own_text(std::move(bytes), form), document.node_id);
    return verify_documents::item{made.document, customer.public_key()};
  };
  auto answer = ask<verdicts>(
    decoder, verify_documents{
               {as(text, text_form::document),
                as(json::write(altered), text_form::document),
                as("{broken", text_form::document),
                as(*json::write(a_volume("1-1")), text_form::reservation)}});
  BOOST_REQUIRE(answer);
  BOOST_REQUIRE_EQUAL(answer->errors.size(), 4);
  BOOST_CHECK(!answer->errors[0]);
  BOOST_CHECK(answer->errors[1].code == errc::bad_signature);
  BOOST_CHECK(answer->errors[2]);
  BOOST_CHECK(answer->errors[3].code == errc::bad_signature);
}

BOOST_AUTO_TEST_SUITE_END()
