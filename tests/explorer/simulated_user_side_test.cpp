#include <boost/test/unit_test.hpp>

#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;

namespace simulated_user_side_test {
namespace {

const std::string workloads_path = "/api/v1/reservations/workloads";

struct customer : simulation {
  customer() { add_customer(); }

  /// U1 with a document that `change` was made to, then signed.
  template <class Change>
  std::string create_changed(Change change) {
    auto w = volume(0);
    change(w);
    return create(w);
  }

  /// U1 with a document that was changed after it was signed.
  template <class Change>
  std::string create_spoilt(Change change) {
    auto w = json::read_document(posted(volume(0))).value();
    change(w);
    return ask("POST", workloads_path, json::write(w), by_user());
  }

  std::string sign(std::int64_t id, std::string_view word,
                   std::int64_t tid = 7) {
    auto got = send("GET", workloads_path + "/" + std::to_string(id));
    auto w = json::read_document(got.body).value();
    return R"({"tid":)" + std::to_string(tid) + R"(,"signature":")"
           + agreement_signature(w, word, tid, user) + R"(","epoch":0})";
  }

  std::string sign_path(std::int64_t id, std::string_view word) {
    return workloads_path + "/" + std::to_string(id) + "/sign/"
           + std::string{word};
  }
};

std::string refused(int status, std::string_view text) {
  return std::to_string(status) + R"( {"error":")" + std::string{text} + "\"}";
}

using documents::workload;

} // namespace
} // namespace simulated_user_side_test

BOOST_FIXTURE_TEST_SUITE(simulated_user_side_test, customer)

BOOST_AUTO_TEST_CASE(accepts_a_signed_document_of_every_type) {
  ask("POST", "/api/v1/farms",
      R"({"name":"farm1","threebot_id":7,"wallet_addresses":[{"asset":"TFT",)"
      R"("address":"x"}],"ipaddresses":[{"address":"185.69.166.120/24",)"
      R"("gateway":"185.69.166.1","reservation_id":0}]})");
  ask("POST", "/api/v1/nodes",
      golden("simulated_explorer/node_registration.json"), by_node());
  int id = 0;
  for (auto name :
       {"volume", "zdb", "container", "network_resource", "public_ip", "proxy",
        "reverse_proxy", "subdomain", "domain_delegate", "gateway4to6"}) {
    auto document = golden("documents/" + std::string{name} + ".json");
    BOOST_CHECK_EQUAL(create(json::read_document(document).value()),
                      R"(201 {"reservation_id":)" + std::to_string(++id) + "}");
  }
}

BOOST_AUTO_TEST_CASE(resets_what_is_the_servers_to_set) {
  BOOST_CHECK_EQUAL(create_spoilt([](workload& w) {
                      w.id = 77;
                      w.version = 0;
                      w.result.message = "mine";
                      w.signatures_delete.emplace(
                        1, documents::signing_signature{.tid = 7});
                      w.signing_request_delete.signers.reset();
                    }),
                    R"(201 {"reservation_id":1})");
  auto stored
    = json::read_document(send("GET", workloads_path + "/1").body).value();
  BOOST_CHECK_EQUAL(stored.version, 2);
  BOOST_CHECK_EQUAL(stored.result.message, "");
  BOOST_CHECK(stored.signatures_delete->empty());
  BOOST_CHECK(stored.signing_request_delete.signers->empty());
  BOOST_CHECK_EQUAL(stored.epoch.seconds, clock->seconds);
  BOOST_CHECK(stored.next_action == documents::next_action::deploy);
}

BOOST_AUTO_TEST_CASE(demands_the_users_signature_under_the_request) {
  auto body = posted(volume(0));
  auto got = send("POST", workloads_path, body);
  BOOST_CHECK_EQUAL(text_of(got),
                    refused(401, "unauthorized access: no params present"));
  BOOST_CHECK_EQUAL(header(got, "WWW-Authenticate"),
                    "Signature headers=\"(created) date threebot-id\"");
  BOOST_CHECK_EQUAL(header(got, "Content-Type"), "text/plain; charset=utf-8");
  BOOST_CHECK_EQUAL(
    ask("POST", workloads_path, body, signed_by("8", user)),
    refused(401, R"(unauthorized access: no key with id \"8\")"));
  BOOST_CHECK_EQUAL(
    ask("POST", workloads_path, body, signed_by("7", node)),
    refused(401, "unauthorized access: signature verification failed"));
}

BOOST_AUTO_TEST_CASE(checks_a_new_document_in_the_originals_order) {
  BOOST_CHECK_EQUAL(
    ask("POST", workloads_path, R"({"workload_type":3})", by_user()),
    refused(400, "unrecognized workload type"));
  BOOST_CHECK_EQUAL(
    ask("POST", workloads_path, R"({"workload_type":12})", by_user()),
    refused(400, "unrecognized workload type"));
  BOOST_CHECK_EQUAL(send("POST", workloads_path, "{", by_user()).status, 400);
  BOOST_CHECK_EQUAL(ask("POST", workloads_path, "{}", by_user()),
                    refused(400, "customer_tid is required"));
  BOOST_CHECK_EQUAL(
    create_spoilt([](workload& w) { w.customer_signature.clear(); }),
    refused(400, "customer_signature is required"));
  BOOST_CHECK_EQUAL(
    create_changed([](workload& w) { w.metadata.assign(1025, 'x'); }),
    refused(400, "metadata can not be bigger than 1024 bytes"));
  BOOST_CHECK_EQUAL(create_changed([](workload& w) { w.pool_id = 0; }),
                    refused(400, "pool is required"));
  BOOST_CHECK_EQUAL(create_changed([](workload& w) { w.reference = "1-1"; }),
                    refused(400, "reference is illegal for new workloads"));
  BOOST_CHECK_EQUAL(create_changed([](workload& w) { w.customer_tid = 8; }),
                    refused(401, "request user identity does not match the "
                                 "reservation customer-tid"));
}

BOOST_AUTO_TEST_CASE(refuses_documents_that_claim_to_be_over) {
  using documents::next_action;
  BOOST_CHECK_EQUAL(
    create_spoilt([](workload& w) { w.next_action = next_action::invalid; }),
    refused(400, "invalid request wrong status 'invalid'"));
  BOOST_CHECK_EQUAL(
    create_spoilt([](workload& w) { w.next_action = next_action::remove; }),
    refused(400, "invalid request wrong status 'delete'"));
}

BOOST_AUTO_TEST_CASE(checks_the_customers_signature) {
  BOOST_CHECK_EQUAL(
    create_spoilt([](workload& w) { w.customer_signature = "zz"; }),
    refused(400, "invalid signature format, expecting hex encoded string: "
                 "encoding/hex: invalid byte: U+007A 'z'"));
  BOOST_CHECK_EQUAL(
    create_spoilt([](workload& w) { w.customer_signature = "abc"; }),
    refused(400, "invalid signature format, expecting hex encoded string: "
                 "encoding/hex: odd length hex string"));
  BOOST_CHECK_EQUAL(create_spoilt([](workload& w) { w.description = "other"; }),
                    refused(400,
                            "failed to verify customer signature: signature "
                            "verification failed"));
}

BOOST_AUTO_TEST_CASE(checks_the_pool) {
  BOOST_CHECK_EQUAL(create_changed([](workload& w) { w.pool_id = 12; }),
                    refused(404, "pool does not exist"));
  BOOST_CHECK_EQUAL(
    create_changed([](workload& w) { w.node_id = "other"; }),
    refused(403, "not allowed to deploy workload on this pool"));
}

BOOST_AUTO_TEST_CASE(keeps_what_a_poor_pool_cannot_pay_as_invalid) {
  // Pool 12 lasts 1 unit second.
  ask("POST", "/api/v1/reservations/pools", pool_order(1));
  BOOST_CHECK_EQUAL(
    create_changed([](workload& w) { w.pool_id = 12; }),
    refused(402, "pool needs additional capacity to support this workload"));
  BOOST_CHECK_EQUAL(next_action("1-1"), 5);
  BOOST_CHECK_EQUAL(create(volume(0)), R"(201 {"reservation_id":2})");
}

BOOST_AUTO_TEST_CASE(cannot_price_sizes_that_the_original_does_not_know) {
  BOOST_CHECK_EQUAL(create_changed([](workload& w) {
                      std::get<documents::volume>(w.content).type = 9;
                    }),
                    refused(500, "could not load the required capacity pool"));
  BOOST_CHECK_EQUAL(next_action("1-1"), 2);
}

BOOST_AUTO_TEST_CASE(lets_kubernetes_use_only_addresses_of_its_customer) {
  auto k8s = json::read_document(golden("documents/kubernetes.json")).value();
  BOOST_CHECK_EQUAL(create(k8s),
                    refused(404, "ip workload '42' not found: mongo: no "
                                 "documents in result"));
  auto ip = json::read_document(golden("documents/public_ip.json")).value();
  ip.id = 42;
  load(json::write(ip));
  BOOST_CHECK_EQUAL(create(k8s), R"(201 {"reservation_id":43})");
}

BOOST_AUTO_TEST_CASE(lends_an_address_of_the_farm_once) {
  auto ip = json::read_document(golden("documents/public_ip.json")).value();
  BOOST_CHECK_EQUAL(create(ip),
                    refused(400, "failed to retrieve node id for ip: mongo: "
                                 "no documents in result"));
  ask("POST", "/api/v1/farms",
      R"({"name":"farm1","threebot_id":7,"wallet_addresses":[{"asset":"TFT",)"
      R"("address":"x"}]})");
  ask("POST", "/api/v1/nodes",
      golden("simulated_explorer/node_registration.json"), by_node());
  BOOST_CHECK_EQUAL(create(ip),
                    refused(409, "ip is not available for reservation"));
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/farms/1/ip",
                        R"([{"address":"185.69.166.120/24",)"
                        R"("gateway":"185.69.166.1"}])",
                        by_user()),
                    "200 null");
  BOOST_CHECK_EQUAL(create(ip), R"(201 {"reservation_id":3})");
  BOOST_CHECK(ask("GET", "/api/v1/farms/1").find(R"("reservation_id":3)")
              != std::string::npos);
  BOOST_CHECK_EQUAL(create(ip),
                    refused(409, "ip is not available for reservation"));
  // The error result frees it, so that the deletion finds nothing to free.
  BOOST_CHECK_EQUAL(ask("PUT", result_path("3-1"), result(0, "3-1")),
                    "201 null");
  BOOST_CHECK_EQUAL(ask("DELETE", result_path("3-1")),
                    refused(500, "failed to release ip reservation: failed to "
                                 "release ip address"));
  BOOST_CHECK_EQUAL(next_action("3-1"), 6);
}

BOOST_AUTO_TEST_CASE(lists_pages_of_workloads) {
  BOOST_CHECK_EQUAL(ask("GET", workloads_path), "200 []");
  for (int i = 0; i < 5; ++i)
    create(volume(0));
  auto ids = [&](const std::string& query) {
    auto got = send("GET", workloads_path + query);
    return list_ids(got.body) + "of " + header(got, "Pages");
  };
  BOOST_CHECK_EQUAL(ids(""), "1 2 3 4 5 of 1");
  BOOST_CHECK_EQUAL(ids("?size=2"), "1 2 of 3");
  BOOST_CHECK_EQUAL(ids("?size=2&page=0"), "1 2 of 3");
  BOOST_CHECK_EQUAL(ids("?size=2&page=3"), "5 of 3");
  BOOST_CHECK_EQUAL(ids("?size=2&page=4"), "of 3");
  BOOST_CHECK_EQUAL(ids("?page=x"), "1 2 3 4 5 of 1");
  BOOST_CHECK_EQUAL(ids("?customer_tid=8"), "of 0");
  BOOST_CHECK_EQUAL(ids("?customer_tid=7&next_action=3"), "1 2 3 4 5 of 1");
  BOOST_CHECK_EQUAL(send("GET", workloads_path + "?customer_tid=x").status,
                    400);
}

BOOST_AUTO_TEST_CASE(finds_a_workload_by_its_number) {
  create(volume(0));
  BOOST_CHECK_EQUAL(send("GET", workloads_path + "/1").status, 200);
  BOOST_CHECK_EQUAL(ask("GET", workloads_path + "/2"),
                    refused(404, "mongo: no documents in result"));
}

BOOST_AUTO_TEST_CASE(deletes_when_enough_signers_agreed) {
  create(volume(0));
  auto path = sign_path(1, "delete");
  BOOST_CHECK_EQUAL(send("POST", path, "{").status, 400);
  BOOST_CHECK_EQUAL(ask("POST", sign_path(2, "delete"), sign(1, "delete")),
                    refused(404, "mongo: no documents in result"));
  BOOST_CHECK_EQUAL(ask("POST", path, sign(1, "delete", 8)),
                    refused(401, "signature not required for user '8'"));
  BOOST_CHECK_EQUAL(ask("POST", path, sign(1, "provision")),
                    refused(401, "failed to verify signature: signature "
                                 "verification failed"));
  BOOST_CHECK_EQUAL(ask("POST", path, sign(1, "delete")), "201 null");
  BOOST_CHECK_EQUAL(next_action("1-1"), 4);
  BOOST_CHECK_EQUAL(ask("POST", path, sign(1, "delete")),
                    refused(400, "user 7 has already signed the reservation "
                                 "for deletion"));
  // Stored is still deploy, until a poll comes by.
  BOOST_CHECK_EQUAL(poll("2"), "1 | 2");
  BOOST_CHECK(ask("GET", workloads_path + "?next_action=4") == "200 []");
  BOOST_CHECK_EQUAL(poll("1"), "1 | 1");
  BOOST_CHECK(ask("GET", workloads_path + "?next_action=4") != "200 []");
}

BOOST_AUTO_TEST_CASE(never_deletes_by_signature_without_a_quorum) {
  create_changed([](workload& w) { w.signing_request_delete.quorum_min = 0; });
  BOOST_CHECK_EQUAL(ask("POST", sign_path(1, "delete"), sign(1, "delete")),
                    "201 null");
  BOOST_CHECK_EQUAL(next_action("1-1"), 3);
}

BOOST_AUTO_TEST_CASE(expects_no_signatures_for_provisioning_once_deployed) {
  create_changed(
    [](workload& w) { w.signing_request_provision.quorum_min = 1; });
  BOOST_CHECK_EQUAL(next_action("1-1"), 3);
  BOOST_CHECK_EQUAL(
    ask("POST", sign_path(1, "provision"), R"({"tid":7,"signature":"x"})"),
    refused(400, "invalid signature expecting hex encoded "
                 "string: encoding/hex: invalid byte: U+0078 "
                 "'x'"));
  BOOST_CHECK_EQUAL(
    ask("POST", sign_path(1, "provision"), sign(1, "provision")),
    refused(401, "workload not expecting signatures"));
  // One that waits for signatures can only have been loaded.
  auto w = volume(5);
  w.next_action = documents::next_action::sign;
  w.signing_request_provision.quorum_min = 1;
  load(json::write(w));
  BOOST_CHECK_EQUAL(
    ask("POST", sign_path(5, "provision"), sign(5, "provision")), "201 null");
  BOOST_CHECK_EQUAL(next_action("5-1"), 2);
}

BOOST_AUTO_TEST_CASE(serves_the_paths_and_signatures_of_the_go_client) {
  auto w = json::read_document(posted(volume(0))).value();
  w.customer_signature = hex::encode(user.sign(challenge(w)));
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/workloads", json::write(w), by_user()),
                    R"(201 {"reservation_id":1})");
  BOOST_CHECK_EQUAL(ask("POST", workloads_path, json::write(w), by_user()),
                    refused(400,
                            "failed to verify customer signature: signature "
                            "verification failed"));
  BOOST_CHECK_EQUAL(send("GET", "/api/v1/workloads").status, 200);
  BOOST_CHECK_EQUAL(send("GET", "/api/v1/workloads/1").status, 200);
  BOOST_CHECK_EQUAL(ask("POST", "/api/v1/workloads/1/sign/delete",
                        R"({"tid":7,"signature":")"
                          + hex::encode(user.sign("1")) + R"(","epoch":0})"),
                    "201 null");
}

BOOST_AUTO_TEST_CASE(keeps_the_signed_epoch_if_asked_to) {
  simulation keeping{{.keep_epoch = true}};
  keeping.add_customer();
  auto w = volume(0);
  w.epoch = from_unix(1614250000);
  keeping.create(w);
  auto stored
    = json::read_document(keeping.send("GET", workloads_path + "/1").body)
        .value();
  BOOST_CHECK_EQUAL(stored.epoch.seconds, 1614250000);
  BOOST_CHECK(!verify_customer_signature(stored, user.public_key()));
}

BOOST_AUTO_TEST_CASE(removes_workloads_of_an_emptied_pool) {
  // 10 GiB of SSD take 0.033 units: 33 unit seconds last 1000 s.
  ask("POST", "/api/v1/reservations/pools", pool_order(33));
  BOOST_CHECK_EQUAL(create_changed([](workload& w) { w.pool_id = 12; }),
                    R"(201 {"reservation_id":1})");
  ask("PUT", result_path("1-1"), result(1, "1-1"));
  clock->seconds += 999;
  BOOST_CHECK_EQUAL(next_action("1-1"), 3);
  clock->seconds += 1;
  BOOST_CHECK_EQUAL(next_action("1-1"), 4);
  BOOST_CHECK_EQUAL(poll("9"), "1 | 9");
}

BOOST_AUTO_TEST_SUITE_END()
