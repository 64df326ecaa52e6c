#include <boost/test/unit_test.hpp>

#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;

namespace simulated_node_side_test {
namespace {

const std::string get_path = "/api/v1/reservations/nodes/workloads/";
const std::string unknown = R"(404 {"error":"mongo: no documents in result"})";

} // namespace
} // namespace simulated_node_side_test

BOOST_FIXTURE_TEST_SUITE(simulated_node_side_test, simulation)

BOOST_AUTO_TEST_CASE(answers_a_poll_with_nothing_by_null) {
  auto got = send("GET", poll_path("0"));
  BOOST_CHECK_EQUAL(text_of(got), "200 null");
  BOOST_CHECK_EQUAL(got.body, "null\n");
  BOOST_CHECK_EQUAL(header(got, "X-Last-Id"), "0");
  BOOST_CHECK_EQUAL(header(got, "Content-Type"), "application/json");
}

BOOST_AUTO_TEST_CASE(answers_a_poll_with_the_documents_byte_for_byte) {
  std::string page = "200 [";
  for (auto name : {"volume", "zdb", "container", "kubernetes",
                    "network_resource", "public_ip"}) {
    auto document = golden("documents/" + std::string{name} + ".json");
    load(document);
    page.append(page.size() > 5 ? "," : "").append(document);
  }
  BOOST_CHECK_EQUAL(ask("GET", poll_path("0")), page + "]");
  BOOST_CHECK_EQUAL(poll("103"), "103 104 105 | 105");
  BOOST_CHECK_EQUAL(poll("106"), "| 105");
}

BOOST_AUTO_TEST_CASE(demands_digits_in_from) {
  for (auto from : {"", "x", "1x", "-1"})
    BOOST_CHECK_EQUAL(ask("GET", poll_path(from)), "404 404 page not found");
  BOOST_CHECK_EQUAL(
    ask("GET", "/api/v1/reservations/nodes/" + node_id + "/workloads"),
    "404 404 page not found");
  BOOST_CHECK_EQUAL(ask("GET", poll_path("9223372036854775808")),
                    R"(400 {"error":"invalid id format: strconv.ParseInt: )"
                    R"(parsing \"9223372036854775808\": value out of range"})");
}

BOOST_AUTO_TEST_CASE(yields_two_hundred_documents_at_a_time) {
  for (int id = 1; id <= 450; ++id)
    load_volume(id);
  auto count = [&](const std::string& from) {
    auto got = send("GET", poll_path(from));
    return std::to_string(json::split_page(got.body)->size()) + " up to "
           + header(got, "X-Last-Id");
  };
  BOOST_CHECK_EQUAL(count("0"), "200 up to 200");
  BOOST_CHECK_EQUAL(count("201"), "200 up to 400");
  BOOST_CHECK_EQUAL(count("401"), "50 up to 450");
}

BOOST_AUTO_TEST_CASE(shows_other_nodes_nothing_but_the_highest_id) {
  load_volume(5);
  auto got = send("GET", "/api/v1/reservations/nodes/other/workloads?from=0");
  BOOST_CHECK_EQUAL(text_of(got), "200 null");
  BOOST_CHECK_EQUAL(header(got, "X-Last-Id"), "5");
}

BOOST_AUTO_TEST_CASE(leaves_out_what_is_neither_to_be_deployed_nor_deleted) {
  for (int action : {0, 1, 2, 3, 4, 5, 6, 7}) {
    auto w = volume(action + 1);
    w.next_action = static_cast<documents::next_action>(action);
    w.signing_request_provision.quorum_min = 1;
    load(json::write(w));
  }
  // What has no next action yet is loaded as to be deployed.
  BOOST_CHECK_EQUAL(poll("0"), "1 4 5 | 5");
}

BOOST_AUTO_TEST_CASE(offers_the_queue_when_nothing_is_new) {
  add_customer();
  BOOST_CHECK_EQUAL(create(volume(0)), R"(201 {"reservation_id":1})");
  BOOST_CHECK_EQUAL(create(volume(0)), R"(201 {"reservation_id":2})");
  BOOST_CHECK_EQUAL(poll("0"), "1 2 | 2");
  // Past the last id: the snapshots, with the action from before deploying.
  auto got = send("GET", poll_path("9"));
  BOOST_CHECK_EQUAL(header(got, "X-Last-Id"), "9");
  auto page = json::split_page(got.body).value();
  BOOST_REQUIRE_EQUAL(page.size(), 2U);
  BOOST_CHECK(json::read_document(page[0].text)->next_action
              == documents::next_action::pay);
  ask("PUT", result_path("1-1"), result(1, "1-1"));
  BOOST_CHECK_EQUAL(poll("9"), "2 | 9");
  ask("DELETE", result_path("2-1"));
  BOOST_CHECK_EQUAL(poll("9"), "| 2");
}

BOOST_AUTO_TEST_CASE(finds_a_workload_by_its_global_id) {
  load(golden("documents/volume.json"));
  BOOST_CHECK_EQUAL(ask("GET", get_path + "100-1"),
                    "200 " + golden("documents/volume.json"));
  BOOST_CHECK_EQUAL(ask("GET", get_path + "7-1"), unknown);
  BOOST_CHECK_EQUAL(ask("GET", get_path + "100-2"),
                    R"(404 {"error":"workload not found"})");
  BOOST_CHECK_EQUAL(ask("GET", get_path + "some-volume"),
                    "404 404 page not found");
}

BOOST_AUTO_TEST_CASE(takes_a_result_and_fills_in_what_the_server_knows) {
  load_volume(100);
  clock->seconds = 1614250061;
  auto sent = R"({"category":2,"workload_id":"x","data_json":{"volume_id":)"
              R"("100-1"},"signature":"ab","state":1,"message":"",)"
              R"("epoch":5,"node_id":""})";
  auto got = send("PUT", result_path("100-1"), sent);
  BOOST_CHECK_EQUAL(text_of(got), "201 null");
  auto stored = send("GET", get_path + "100-1").body;
  BOOST_CHECK(stored.find(R"("result":{"category":2,"workload_id":"100-1",)"
                          R"("data_json":{"volume_id":"100-1"},)"
                          R"("signature":"ab","state":1,"message":"",)"
                          R"("epoch":1614250061,"node_id":")"
                          + node_id + "\"}")
              != std::string::npos);
  BOOST_CHECK_EQUAL(next_action("100-1"), 3);
}

BOOST_AUTO_TEST_CASE(refuses_results_that_it_cannot_place) {
  load_volume(100);
  BOOST_CHECK_EQUAL(ask("PUT", result_path("100-1")), R"(400 {"error":"EOF"})");
  BOOST_CHECK_EQUAL(send("PUT", result_path("100-1"), "{").status, 400);
  BOOST_CHECK_EQUAL(ask("PUT", result_path("101-1"), result(1)), unknown);
  BOOST_CHECK_EQUAL(ask("PUT", result_path("100-2"), result(1)),
                    R"(404 {"error":"workload id does not exist"})");
}

BOOST_AUTO_TEST_CASE(moves_a_failed_workload_to_deletion) {
  load_volume(100);
  BOOST_CHECK_EQUAL(ask("PUT", result_path("100-1"), result(0)), "201 null");
  BOOST_CHECK_EQUAL(next_action("100-1"), 4);
  BOOST_CHECK_EQUAL(poll("0"), "100 | 100");
  BOOST_CHECK_EQUAL(ask("DELETE", result_path("100-1")), "200 null");
  BOOST_CHECK_EQUAL(next_action("100-1"), 6);
  BOOST_CHECK_EQUAL(poll("0"), "| 100");
  // The original's oddity: an error after the end brings it back.
  ask("PUT", result_path("100-1"), result(0));
  BOOST_CHECK_EQUAL(next_action("100-1"), 4);
}

BOOST_AUTO_TEST_CASE(only_stores_a_result_of_state_deleted) {
  load_volume(100);
  BOOST_CHECK_EQUAL(ask("PUT", result_path("100-1"), result(2)), "201 null");
  BOOST_CHECK_EQUAL(next_action("100-1"), 3);
}

BOOST_AUTO_TEST_CASE(keeps_the_result_of_a_deleted_workload_but_its_state) {
  load_volume(100);
  BOOST_CHECK_EQUAL(ask("DELETE", result_path("101-1")), unknown);
  BOOST_CHECK_EQUAL(ask("DELETE", result_path("100-2")),
                    R"(404 {"error":"workload not found"})");
  BOOST_CHECK_EQUAL(ask("DELETE", result_path("100-1")), "200 null");
  auto stored = send("GET", get_path + "100-1").body;
  BOOST_CHECK(
    stored.find(R"("result":{"category":0,"workload_id":"100-1",)"
                R"("data_json":null,"signature":"","state":2,"message":"",)"
                R"("epoch":1614250050,"node_id":""})")
    != std::string::npos);
}

BOOST_AUTO_TEST_CASE(walks_a_workload_from_creation_to_its_end) {
  add_customer();
  load_volume(99);
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/reservations/workloads",
                        golden("simulated_explorer/volume_posted.json"),
                        by_user()),
                    R"(201 {"reservation_id":100})");
  BOOST_CHECK_EQUAL(ask("GET", poll_path("100")),
                    "200 [" + golden("documents/volume.json") + "]");
  clock->seconds = 1614250061;
  auto reported
    = R"({"category":2,"workload_id":"100-1","data_json":{"volume_id":)"
      R"("100-1"},"signature":"a0999f70920dc66a10a9f9c82a0248b4665c918ca9a8)"
      R"(4938c0494cd3ecf2ddf6ba9f0c0bfa684053e30db42060098ebb1897ce4966171d)"
      R"(9393ed97e690a10404","state":1,"message":"","epoch":1614250060,)"
      R"("node_id":""})";
  BOOST_CHECK_EQUAL(ask("PUT", result_path("100-1"), reported), "201 null");
  clock->seconds = 1614250100;
  BOOST_CHECK_EQUAL(
    ask("POST", "/api/v1/reservations/workloads/100/sign/delete",
        R"({"tid":7,"signature":"89596a67448122db0b9dc75fc7d18869aba19973f7f4)"
        R"(6b19598d398a50beabb2af440173a29e0d76499d81075b68e81cf5adc0aad25170)"
        R"(b826516a35afbe5d0f","epoch":0})"),
    "201 null");
  BOOST_CHECK_EQUAL(next_action("100-1"), 4);
  BOOST_CHECK_EQUAL(poll("101"), "100 | 101");
  BOOST_CHECK_EQUAL(ask("DELETE", result_path("100-1")), "200 null");
  BOOST_CHECK_EQUAL(ask("GET", get_path + "100-1"),
                    "200 " + golden("documents/volume_deleted.json"));
  BOOST_CHECK_EQUAL(poll("100"), "| 100");
  BOOST_CHECK(
    ask("GET", "/sim/workloads")
      .find(R"("next_action":"deleted","result":"deleted","message":"",)"
            R"("node_signature":"valid")")
    != std::string::npos);
}

BOOST_AUTO_TEST_CASE(says_whether_the_node_signed_its_results) {
  load_volume(100);
  auto verdict = [&] {
    auto text = ask("GET", "/sim/workloads");
    return text.substr(text.find("node_signature"));
  };
  BOOST_CHECK_EQUAL(verdict(), R"(node_signature":""}])");
  ask("PUT", result_path("100-1"), result(1));
  BOOST_CHECK_EQUAL(verdict(), R"(node_signature":"unsigned"}])");
  auto forged = R"({"category":2,"state":1,"message":"","data_json":null,)"
                R"("signature":")"
                + std::string(128, '0') + R"("})";
  BOOST_CHECK_EQUAL(ask("PUT", result_path("100-1"), forged), "201 null");
  BOOST_CHECK_EQUAL(verdict(), R"(node_signature":"invalid"}])");
}

BOOST_AUTO_TEST_SUITE_END()
