#include "control/dashboard/browser_guard.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(browser_guard_test)

namespace {

http_server_request
request_with(std::vector<std::pair<std::string, std::string>> headers,
             std::string method = "GET") {
  return {.method = std::move(method),
          .target = "/v1/status",
          .headers = std::move(headers)};
}

bool is_refused(std::vector<std::pair<std::string, std::string>> headers,
                std::string_view own_name = {}) {
  return !browser_complaint(request_with(std::move(headers)), own_name).empty();
}

} // namespace

BOOST_AUTO_TEST_CASE(only_the_names_of_this_node_are_its_own) {
  for (auto* host : {"localhost", "LocalHost:9465", "127.0.0.1", "127.0.0.1:80",
                     "[::1]", "[::1]:9465"})
    BOOST_CHECK_MESSAGE(is_own_host(host, ""), host);
  // A name of somebody else that is made to mean 127.0.0.1 is what counts.
  for (auto* host :
       {"", "evil.example", "evil.example:9465", "localhost.evil.example",
        "127.0.0.1.evil.example", "evil.example#localhost", "127.0.0.2.nip.io",
        "[::1", "[::1].evil.example", "10.0.0.1", "node"})
    BOOST_CHECK_MESSAGE(!is_own_host(host, ""), host);
  BOOST_CHECK(is_own_host("node-7.example:443", "Node-7.example"));
  BOOST_CHECK(!is_own_host("node-8.example", "node-7.example"));
}

BOOST_AUTO_TEST_CASE(a_rebound_name_reads_nothing) {
  BOOST_CHECK(is_refused({{"host", "evil.example:9465"}}));
  BOOST_CHECK(is_refused({}));
  BOOST_CHECK(!is_refused({{"host", "127.0.0.1:9465"}}));
  BOOST_CHECK(!is_refused({{"host", "node-7.example"}}, "node-7.example"));
}

BOOST_AUTO_TEST_CASE(another_sites_page_may_link_here_and_nothing_else) {
  BOOST_CHECK(is_refused({{"host", "localhost"},
                          {"sec-fetch-site", "cross-site"},
                          {"sec-fetch-mode", "no-cors"}}));
  BOOST_CHECK(is_refused({{"host", "localhost"},
                          {"sec-fetch-site", "same-site"},
                          {"sec-fetch-mode", "cors"}}));
  BOOST_CHECK(!is_refused({{"host", "localhost"},
                           {"sec-fetch-site", "cross-site"},
                           {"sec-fetch-mode", "navigate"}}));
  BOOST_CHECK(
    !is_refused({{"host", "localhost"}, {"sec-fetch-site", "same-origin"}}));
  BOOST_CHECK(!is_refused({{"host", "localhost"}, {"sec-fetch-site", "none"}}));
}

BOOST_AUTO_TEST_CASE(programs_at_the_socket_call_the_node_what_they_like) {
  for (auto* host : {"node", "localhost", "x", "", "127.0.0.1:9465"})
    BOOST_CHECK_EQUAL(tunnel_complaint(request_with({{"host", host}}), ""), "");
  BOOST_CHECK_EQUAL(tunnel_complaint(request_with({}, "POST"), ""), "");
  BOOST_CHECK_NE(tunnel_complaint(request_with({{"host", "evil.example"}}), ""),
                 "");
}

BOOST_AUTO_TEST_CASE(no_web_page_gives_orders_through_a_tunnel) {
  for (auto* origin : {"https://evil.example", "null", "http://localhost:8080"})
    BOOST_CHECK_NE(
      tunnel_complaint(
        request_with({{"host", "localhost:8080"}, {"origin", origin}}, "POST"),
        ""),
      "");
  BOOST_CHECK_EQUAL(
    tunnel_complaint(request_with({{"host", "localhost:8080"},
                                   {"origin", "http://localhost:8080"}}),
                     ""),
    "");
}

BOOST_AUTO_TEST_SUITE_END()
