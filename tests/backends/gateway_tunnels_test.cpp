#include <boost/test/unit_test.hpp>

#include "tests/backends/gateway_host.hpp"
#include "tests/support/says.hpp"
#include "tests/support/tunnel_client.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(gateway_tunnels_test,
                      *boost::unit_test::precondition(gateways_are_possible))

BOOST_FIXTURE_TEST_CASE(carries_what_comes_in_to_the_client_that_dialled_in,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(tunnel("www.example.com")));
  BOOST_CHECK_EQUAL(state_of(*backend, "107-1"), "present");
  // Nobody has dialled in yet.
  says(http_get("www.example.com"), "502 Bad Gateway");
  BOOST_CHECK_EQUAL(https_get("www.example.com"), "");
  const tunnel_client client{"7:open sesame"};
  BOOST_CHECK(eventually(answers_for("www.example.com")));
  says(http_get("www.example.com"), "Host: www.example.com\r\n");
  const auto heard = https_get("www.example.com");
  says(heard, "CN=DNS:www.example.com ");
  says(heard, "opened by the house for www.example.com");
}

BOOST_FIXTURE_TEST_CASE(nobody_without_the_secret_gets_anothers_visitors,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(tunnel("www.example.com")));
  const tunnel_client stranger{"7:guess"};
  says(http_get("www.example.com"), "502 Bad Gateway");
  const tunnel_client client{"7:open sesame"};
  BOOST_CHECK(eventually(answers_for("www.example.com")));
}

BOOST_FIXTURE_TEST_CASE(a_client_stays_when_another_tunnel_comes_and_goes,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(tunnel("one.example.com", "106-1")));
  const tunnel_client client{"7:open sesame"};
  const auto is_served = answers_for("one.example.com");
  BOOST_CHECK(eventually(is_served));
  made(backend->ensure(tunnel("two.example.com", "107-1", "8", "8:other")));
  BOOST_CHECK(is_served());
  made(backend->destroy("107-1"));
  BOOST_CHECK(is_served());
  // The router goes with the last one.
  made(backend->destroy("106-1"));
  BOOST_CHECK(!connect_to(gateway_address, 18000));
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_FIXTURE_TEST_CASE(a_router_that_was_killed_is_restored, gateway_host) {
  const auto backend = open();
  made(backend->ensure(tunnel("www.example.com")));
  BOOST_REQUIRE(!backend->processes().stop("router"));
  says(state_of(*backend, "107-1"), "partial: router does not run");
  BOOST_CHECK(backend->restore("router").value());
  BOOST_CHECK_EQUAL(state_of(*backend, "107-1"), "present");
  const tunnel_client client{"7:open sesame"};
  BOOST_CHECK(eventually(answers_for("www.example.com")));
}

BOOST_FIXTURE_TEST_CASE(proxies_change_where_no_router_is_to_be_had,
                        gateway_host) {
  made(open()->ensure(tunnel()));
  auto wanted = options();
  wanted.tools.router.clear();
  const auto backend = open(wanted);
  made(backend->ensure(proxy()));
  says(http_get("www.example.com"), "200 OK");
  refused(backend->ensure(tunnel("other.example.com", "108-1")),
          errc::host_unavailable, "carries nothing to clients that dial in");
}

BOOST_FIXTURE_TEST_CASE(a_port_for_clients_that_is_taken_is_named,
                        gateway_host) {
  const auto squatter = listen_at(gateway_address, 18000);
  auto wanted = options();
  wanted.patience = std::chrono::milliseconds{500};
  refused(open(wanted)->ensure(tunnel()), errc::host_unavailable,
          "cannot listen at 203.0.113.1 port 18000");
  BOOST_CHECK_EQUAL(traces(), "");
}

BOOST_AUTO_TEST_SUITE_END()
