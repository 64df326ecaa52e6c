#include <future>

#include <boost/test/unit_test.hpp>

#include "explorer/explorer_client.hpp"
#include "explorer/http/beast_transport.hpp"
#include "explorer/simulated/customer.hpp"
#include "tests/explorer/simulated_fixture.hpp"

using namespace provision;

namespace simulated_http_test {
namespace {

/// A simulation that listens, and the node's and the user's ends.
struct network : simulation {
  network() {
    server = http_server::start({}, [this](const http_server_request& request,
                                           const http_reply& reply) {
               reply(explorer->handle(request));
             }).value();
    url = "http://127.0.0.1:" + std::to_string(server->port());
    transport = make_http_transport({.url = url}).value();
    client = std::make_unique<explorer_client>(
      transport, url, node_id, std::make_shared<ed25519_signer>(node), clock);
  }
  ~network() {
    client.reset();
    transport.reset();
    server->stop();
  }

  std::string poll_ids(std::uint64_t from) {
    std::promise<std::string> polled;
    client->poll(node_id, from, [&](poll_page page, error failure) {
      std::string text = failure.message;
      for (const auto& each : page.documents)
        text += std::to_string(json::read_document(each.text)->id) + " ";
      polled.set_value(text + "| " + std::to_string(page.last_id));
    });
    return polled.get_future().get();
  }

  template <class Call>
  error wait_for(Call call) {
    std::promise<error> done;
    call([&](error failure) { done.set_value(std::move(failure)); });
    return done.get_future().get();
  }

  std::unique_ptr<http_server> server;
  std::string url;
  std::shared_ptr<http_transport> transport;
  std::unique_ptr<explorer_client> client;
};

} // namespace
} // namespace simulated_http_test

BOOST_FIXTURE_TEST_SUITE(simulated_http_test, network)

BOOST_AUTO_TEST_CASE(serves_a_user_and_a_node_over_real_connections) {
  simulated::customer alice{transport, user, clock};
  BOOST_CHECK(alice.submit(volume(0)).error().code == errc::unknown_user);
  BOOST_CHECK_EQUAL(alice.enter("alice", "")->id, 1);
  // Their pool 11 is not there: alice gets one of her own.
  BOOST_CHECK_EQUAL(alice.submit(volume(0)).value(), 1);
  BOOST_CHECK_EQUAL(alice.submit(volume(0)).value(), 2);
  BOOST_CHECK(ask("GET", "/api/v1/reservations/pools/2").starts_with("404"));

  BOOST_CHECK_EQUAL(poll_ids(0), "1 2 | 2");
  BOOST_CHECK(!wait_for([&](auto done) {
    client->feedback(node_id, "1-1", result(1, "1-1"), done);
  }));
  BOOST_CHECK(!alice.remove(1));
  BOOST_CHECK_EQUAL(poll_ids(3), "2 1 | 3");
  BOOST_CHECK(
    !wait_for([&](auto done) { client->deleted(node_id, "1-1", done); }));
  auto lost = wait_for([&](auto done) {
    client->feedback(node_id, "9-1", result(1, "9-1"), done);
  });
  BOOST_CHECK(lost.code == errc::explorer_refused);
  BOOST_CHECK_EQUAL(lost.detail, 404);

  auto lines = simulated::list_workloads(*transport).value();
  BOOST_CHECK_EQUAL(simulated::table_of(lines),
                    "ID   TYPE    NEXT ACTION  RESULT   SIGNATURE  MESSAGE\n"
                    "1-1  volume  deleted      deleted  unsigned\n"
                    "2-1  volume  deploy\n");
}

BOOST_AUTO_TEST_CASE(acts_faults_out_on_the_wire) {
  for (int id = 1; id <= 20; ++id)
    load_volume(id);
  explorer->set_faults({.truncate = 1});
  BOOST_CHECK(poll_ids(0) != "| 0");
  explorer->set_faults({.reset = 1});
  auto failure
    = wait_for([&](auto done) { client->deleted(node_id, "1-1", done); });
  BOOST_CHECK(failure.code == errc::explorer_unreachable);
  explorer->set_faults({.server_error = 1});
  failure = wait_for([&](auto done) { client->deleted(node_id, "1-1", done); });
  BOOST_CHECK(failure.code == errc::explorer_failed);
  explorer->set_faults({});
  BOOST_CHECK(
    !wait_for([&](auto done) { client->deleted(node_id, "1-1", done); }));
}

BOOST_AUTO_TEST_SUITE_END()
