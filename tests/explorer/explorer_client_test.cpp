#include "explorer/explorer_client.hpp"

#include <atomic>
#include <mutex>

#include <boost/test/unit_test.hpp>

#include "explorer/http/beast_transport.hpp"
#include "http/http_server.hpp"
#include "identity/http_signature.hpp"
#include "identity/node_key.hpp"
#include "messages/hex.hpp"
#include "tests/explorer/raw_server.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(explorer_client_test)

namespace {

struct fixed_clock final : wall_clock {
  timestamp now() const override { return from_unix(1614250050); }
};

const std::string node_id = "FkUfMueBVSK6V1DCHVAtzzaqPqCPVzGguDzCQxq7Ep85";
const std::string result_body
  = R"({"category":2,"workload_id":"100-1","data_json":{"volume_id":"100-1"},)"
    R"("signature":"a0999f70920dc66a10a9f9c82a0248b4665c918ca9a84938c0494cd3e)"
    R"(cf2ddf6ba9f0c0bfa684053e30db42060098ebb1897ce4966171d9393ed97e690a1040)"
    R"(4","state":1,"message":"","epoch":1614250060,"node_id":""})";

std::shared_ptr<const signer> node_signer() {
  secret seed{"helloworldhelloworldhelloworld12"};
  return std::make_shared<ed25519_signer>(node_key::from_seed(seed).value());
}

/// Counts what it signs.
class counting_signer final : public signer {
public:
  expected<std::string> sign(std::string_view message) const override {
    ++signed_;
    return key_->sign(message);
  }

  int signed_so_far() const { return signed_; }

private:
  std::shared_ptr<const signer> key_ = node_signer();
  mutable std::atomic<int> signed_ = 0;
};

/// Shows what it was set to.
struct hand_set_clock final : wall_clock {
  timestamp now() const override { return from_unix(seconds); }

  std::atomic<std::int64_t> seconds = 1614250050;
};

explorer_client client_of(const std::string& url,
                          const std::string& user_agent = {}) {
  auto transport
    = make_http_transport({.url = url, .user_agent = user_agent}).value();
  return {transport, url, node_id, node_signer(),
          std::make_shared<fixed_clock>()};
}

/// An explorer that gives one answer to everything and remembers the last
/// request.
struct parrot {
  explicit parrot(http_server_response answer)
    : server{
      http_server::start({}, [this, answer](const http_server_request& request,
                                            const http_reply& reply) {
        {
          std::lock_guard lock{mutex};
          last = request;
        }
        reply(answer);
      }).value()} {}

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(server->port()) + "/explorer";
  }

  http_server_request request() {
    std::lock_guard lock{mutex};
    return last;
  }

  std::mutex mutex;
  http_server_request last;
  std::unique_ptr<http_server> server;
};

struct poll_outcome {
  poll_page page = {};
  error failure = {};
};

poll_outcome poll(explorer_client& client, std::uint64_t from) {
  return outcome_of<poll_outcome>([&](auto done) {
    client.poll(node_id, from, [done](poll_page page, error failure) {
      done({std::move(page), std::move(failure)});
    });
  });
}

error feedback(explorer_client& client) {
  return outcome_of<error>(
    [&](auto done) { client.feedback(node_id, "100-1", result_body, done); });
}

expected<std::string> user_key(explorer_client& client, std::int64_t tid) {
  return outcome_of<expected<std::string>>(
    [&](auto done) { client.find_user_key(tid, done); });
}

expected<received_text> workload(explorer_client& client,
                                 const std::string& id) {
  return outcome_of<expected<received_text>>(
    [&](auto done) { client.find_workload(id, done); });
}

void check_signed(const http_server_request& request) {
  auto signed_by = verify_http_request({.method = request.method,
                                        .target = request.target,
                                        .headers = request.headers},
                                       find_node_key, from_unix(0));
  BOOST_REQUIRE(signed_by);
  BOOST_CHECK_EQUAL(*signed_by, node_id);
}

} // namespace

BOOST_AUTO_TEST_CASE(replaces_a_path_that_is_not_the_api) {
  BOOST_CHECK_EQUAL(api_base_path("https://explorer.grid.tf/explorer"),
                    "/api/v1");
  BOOST_CHECK_EQUAL(api_base_path("https://explorer.grid.tf"), "/api/v1");
  BOOST_CHECK_EQUAL(api_base_path("http://x/foo/api/v1"), "/foo/api/v1");
  BOOST_CHECK_EQUAL(api_base_path("http://x/api/v1/"), "/api/v1");
  BOOST_CHECK_EQUAL(api_base_path("http://x/api/v1?a=/b"), "/api/v1");
}

BOOST_AUTO_TEST_CASE(puts_a_result_with_the_originals_bytes) {
  std::promise<std::string> seen;
  raw_server server{[&](int socket, int) {
    seen.set_value(read_request(socket));
    write_text(socket, "HTTP/1.1 201 Created\r\nContent-Type: application/json"
                       "\r\nContent-Length: 5\r\n\r\nnull\n");
  }};
  auto client = client_of(server.url() + "/explorer", "Go-http-client/1.1");
  BOOST_CHECK(!feedback(client));
  BOOST_CHECK_EQUAL(
    seen.get_future().get(),
    "PUT /api/v1/reservations/nodes/" + node_id
      + "/workloads/100-1 HTTP/1.1\r\nHost: 127.0.0.1:"
      + std::to_string(server.port())
      + "\r\nUser-Agent: Go-http-client/1.1\r\nContent-Length: 269\r\n"
        "Authorization: Signature keyId=\""
      + node_id
      + "\",algorithm=\"ed25519\",created=\"1614250050\",expires=\"'"
        "\xef\xbf\xbd"
        "'\",headers=\"(created) date threebot-id\",signature=\"+zAi8ZtPYpN2azG"
        "3MPUfF2EDcAvDdLiDXb2MWQJEjWZqzutPAkQ5q9kQDldE833FPSjC+c3XPBq6TfUatUmEA"
        "w==\"\r\nDate: Thu, 25 Feb 2021 10:47:30 GMT\r\nThreebot-Id: "
      + node_id + "\r\n\r\n" + result_body + "\n");
}

BOOST_AUTO_TEST_CASE(polls_unsigned_and_splits_the_page) {
  parrot explorer{{.headers = {{"X-Last-Id", "105"}},
                   .body = "[{\"id\":1}, {broken}, {\"id\":2}]\n",
                   .is_chunked = true}};
  auto client = client_of(explorer.url());
  auto [page, failure] = poll(client, 18446744073709551615U);
  BOOST_CHECK(!failure);
  BOOST_CHECK_EQUAL(page.last_id, 105U);
  auto request = explorer.request();
  BOOST_CHECK_EQUAL(request.method, "GET");
  BOOST_CHECK_EQUAL(request.target, "/api/v1/reservations/nodes/" + node_id
                                      + "/workloads?from=18446744073709551615");
  BOOST_CHECK_EQUAL(request.headers.size(), 2U);
}

BOOST_AUTO_TEST_CASE(gives_out_documents_in_the_explorers_order) {
  parrot explorer{{.body = "[{\"id\":2},{\"id\":1}]\n"}};
  auto client = client_of(explorer.url());
  auto [page, failure] = poll(client, 0);
  BOOST_REQUIRE_EQUAL(page.documents.size(), 2U);
  BOOST_CHECK_EQUAL(page.documents[0].text, "{\"id\":2}");
  BOOST_CHECK_EQUAL(page.documents[1].text, "{\"id\":1}");
  BOOST_CHECK_EQUAL(page.last_id, 0U);
}

BOOST_AUTO_TEST_CASE(takes_null_for_an_empty_page) {
  parrot explorer{{.headers = {{"x-last-id", ""}}, .body = "null\n"}};
  auto client = client_of(explorer.url());
  auto [page, failure] = poll(client, 0);
  BOOST_CHECK(!failure);
  BOOST_CHECK(page.documents.empty());
  BOOST_CHECK_EQUAL(page.last_id, 0U);
}

BOOST_AUTO_TEST_CASE(refuses_a_last_id_that_is_no_number) {
  for (const auto* last_id : {"x", "-1", "1x", "99999999999999999999"}) {
    parrot explorer{{.headers = {{"X-Last-Id", last_id}}, .body = "null\n"}};
    auto client = client_of(explorer.url());
    auto [page, failure] = poll(client, 0);
    BOOST_CHECK(failure.code == errc::malformed_input);
    BOOST_CHECK(page.documents.empty());
  }
}

BOOST_AUTO_TEST_CASE(signs_every_other_call) {
  parrot explorer{{.body = "null\n"}};
  auto client = client_of(explorer.url());
  BOOST_CHECK(!outcome_of<error>(
    [&](auto done) { client.deleted(node_id, "100-1", done); }));
  auto request = explorer.request();
  BOOST_CHECK_EQUAL(request.method, "DELETE");
  BOOST_CHECK_EQUAL(request.target, "/api/v1/reservations/nodes/" + node_id
                                      + "/workloads/100-1");
  BOOST_CHECK_EQUAL(request.body, "");
  check_signed(request);

  workload_amount counts{
    .network = 1, .volume = 2, .zdb_namespace = 3, .container = 4, .k8s_vm = 5};
  resource_amount units{.cru = 2, .mru = 3.5, .hru = 0, .sru = 100.25};
  BOOST_CHECK(!outcome_of<error>(
    [&](auto done) { client.update_stats(node_id, counts, units, done); }));
  request = explorer.request();
  BOOST_CHECK_EQUAL(request.method, "POST");
  BOOST_CHECK_EQUAL(request.target,
                    "/api/v1/nodes/" + node_id + "/used_resources");
  BOOST_CHECK_EQUAL(
    request.body,
    R"({"cru":2,"mru":3.5,"hru":0,"sru":100.25,"network":1,)"
    R"("network_resource":0,"volume":2,"zdb_namespace":3,"container":4,)"
    R"("k8s_vm":5,"proxy":0,"reverse_proxy":0,"subdomain":0,)"
    R"("delegate_domain":0})"
    "\n");
  check_signed(request);
}

BOOST_AUTO_TEST_CASE(signs_once_for_all_requests_of_a_second) {
  parrot explorer{{.body = "null\n"}};
  auto key = std::make_shared<counting_signer>();
  auto clock = std::make_shared<hand_set_clock>();
  explorer_client client{make_http_transport({.url = explorer.url()}).value(),
                         explorer.url(), node_id, key, clock};
  auto call = [&] {
    BOOST_CHECK(!outcome_of<error>(
      [&](auto done) { client.deleted(node_id, "100-1", done); }));
    check_signed(explorer.request());
    return std::string{explorer.request().header("date")};
  };
  auto first = call();
  BOOST_CHECK_EQUAL(call(), first);
  BOOST_CHECK_EQUAL(key->signed_so_far(), 1);
  ++clock->seconds;
  BOOST_CHECK_NE(call(), first);
  BOOST_CHECK_EQUAL(key->signed_so_far(), 2);
}

BOOST_AUTO_TEST_CASE(accepts_only_the_expected_code) {
  parrot explorer{{.status = 200, .body = "null\n"}};
  auto client = client_of(explorer.url());
  auto failure = feedback(client);
  BOOST_CHECK(failure.code == errc::explorer_refused);
  BOOST_CHECK_EQUAL(failure.detail, 200);
}

BOOST_AUTO_TEST_CASE(repeats_the_explorers_own_words) {
  parrot explorer{
    {.status = 404, .body = "{\"error\":\"workload not found\"}\n"}};
  auto client = client_of(explorer.url());
  auto failure = feedback(client);
  BOOST_CHECK(failure.code == errc::explorer_refused);
  BOOST_CHECK_EQUAL(failure.detail, 404);
  BOOST_CHECK_EQUAL(failure.message, "workload not found status:404 Not Found");
}

BOOST_AUTO_TEST_CASE(tells_the_explorers_failures_from_refusals) {
  parrot explorer{{.status = 502, .body = "<html>"}};
  auto client = client_of(explorer.url());
  auto failure = poll(client, 0).failure;
  BOOST_CHECK(failure.code == errc::explorer_failed);
  BOOST_CHECK_EQUAL(failure.detail, 502);
  BOOST_CHECK(failure.message.ends_with(" status:502 Bad Gateway"));
}

BOOST_AUTO_TEST_CASE(reports_an_explorer_that_is_not_there) {
  parrot explorer{{.fault = http_fault::close}};
  auto client = client_of(explorer.url());
  BOOST_CHECK(feedback(client).code == errc::explorer_unreachable);
}

BOOST_AUTO_TEST_CASE(finds_the_key_of_a_user) {
  const std::string key
    = "2f8c6129d816cf51c374bc7f08c3e63ed156cf78aefb4a6550d97b87997977ee";
  parrot explorer{{.body = R"({"id":7,"pubkey":")" + key + "\"}\n"}};
  auto client = client_of(explorer.url());
  auto found = user_key(client, 7);
  BOOST_REQUIRE(found);
  BOOST_CHECK_EQUAL(hex::encode(*found), key);
  BOOST_CHECK_EQUAL(explorer.request().target, "/api/v1/users/7");
  check_signed(explorer.request());
}

BOOST_AUTO_TEST_CASE(names_the_user_whose_key_is_of_no_use) {
  for (const auto* body : {R"({"pubkey":"abcd"})", R"({"pubkey":"zz"})",
                           R"({"pubkey":5})", "{}", "", "[]"}) {
    parrot explorer{{.body = body}};
    auto client = client_of(explorer.url());
    auto found = user_key(client, 7);
    BOOST_REQUIRE(!found);
    BOOST_CHECK(found.error().code == errc::malformed_input);
    BOOST_CHECK(found.error().message.find("user 7") != std::string::npos);
  }
}

// To the explorer, user 0 is the first one it knows.
BOOST_AUTO_TEST_CASE(does_not_ask_for_users_that_cannot_exist) {
  parrot explorer{{.status = 500}};
  auto client = client_of(explorer.url());
  for (std::int64_t tid : {0, -1})
    BOOST_CHECK(user_key(client, tid).error().code == errc::unknown_user);
  BOOST_CHECK_EQUAL(explorer.server->accepted(), 0U);
}

BOOST_AUTO_TEST_CASE(tells_unknown_users_and_reservations_from_failures) {
  parrot absent{
    {.status = 404, .body = "{\"error\":\"mongo: no documents in result\"}"}};
  auto client = client_of(absent.url());
  BOOST_CHECK(user_key(client, 7).error().code == errc::unknown_user);
  BOOST_CHECK(workload(client, "1-1").error().code
              == errc::no_such_reservation);
  parrot broken{{.status = 500}};
  auto other = client_of(broken.url());
  BOOST_CHECK(user_key(other, 7).error().code == errc::explorer_failed);
  BOOST_CHECK(workload(other, "1-1").error().code == errc::explorer_failed);
}

BOOST_AUTO_TEST_CASE(finds_the_document_of_a_workload) {
  parrot explorer{{.body = "{\"id\":100}\n"}};
  auto client = client_of(explorer.url());
  auto found = workload(client, "100-1");
  BOOST_REQUIRE(found);
  BOOST_CHECK(found->text.starts_with("{\"id\":100}"));
  BOOST_CHECK(found->form == text_form::document);
  BOOST_CHECK_EQUAL(explorer.request().target,
                    "/api/v1/reservations/nodes/workloads/100-1");
}

BOOST_AUTO_TEST_CASE(does_not_let_an_id_lead_elsewhere) {
  parrot explorer{{.body = "{}"}};
  auto client = client_of(explorer.url());
  workload(client, "a/../b?c d\r\n");
  BOOST_CHECK_EQUAL(
    explorer.request().target,
    "/api/v1/reservations/nodes/workloads/a%2F..%2Fb%3Fc%20d%0D%0A");
}

BOOST_AUTO_TEST_SUITE_END()
