#include "explorer/http/origin.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(origin_test)

BOOST_AUTO_TEST_CASE(knows_the_port_of_each_scheme) {
  auto plain = parse_origin("http://explorer.grid.tf/explorer");
  BOOST_REQUIRE(plain);
  BOOST_CHECK_EQUAL(plain->authority(), "explorer.grid.tf:80");
  BOOST_CHECK_EQUAL(plain->host_header(), "explorer.grid.tf");
  auto tls = parse_origin("HTTPS://Explorer.grid.tf");
  BOOST_REQUIRE(tls);
  BOOST_CHECK(tls->is_tls);
  BOOST_CHECK_EQUAL(tls->authority(), "explorer.grid.tf:443");
  BOOST_CHECK_EQUAL(tls->host_header(), "explorer.grid.tf");
}

BOOST_AUTO_TEST_CASE(keeps_a_port_of_its_own) {
  auto parsed = parse_origin("http://127.0.0.1:8080?x=1");
  BOOST_REQUIRE(parsed);
  BOOST_CHECK_EQUAL(parsed->port, 8080);
  BOOST_CHECK_EQUAL(parsed->host_header(), "127.0.0.1:8080");
}

BOOST_AUTO_TEST_CASE(puts_ipv6_addresses_in_brackets) {
  auto parsed = parse_origin("http://[::1]:8080/api/v1");
  BOOST_REQUIRE(parsed);
  BOOST_CHECK_EQUAL(parsed->host, "::1");
  BOOST_CHECK_EQUAL(parsed->host_header(), "[::1]:8080");
}

BOOST_AUTO_TEST_CASE(decodes_credentials) {
  auto parsed = parse_origin("http://me:p%40ss%3a%@proxy:3128");
  BOOST_REQUIRE(parsed);
  BOOST_CHECK_EQUAL(parsed->credentials, "me:p@ss:%");
  BOOST_CHECK_EQUAL(parsed->host, "proxy");
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_http_url) {
  for (const auto* url :
       {"", "explorer.grid.tf", "ftp://x", "http://", "http://:80",
        "http://a b", "http://x:0", "http://x:65536", "http://x:8o",
        "http://[::1", "http://[::1]8", "http://a\r\nb", "http://a:1:2"}) {
    auto parsed = parse_origin(url);
    BOOST_TEST_CONTEXT(url) {
      BOOST_REQUIRE(!parsed);
      BOOST_CHECK(parsed.error().code == errc::invalid_configuration);
    }
  }
}

BOOST_AUTO_TEST_CASE(does_not_show_credentials_in_errors) {
  auto parsed = parse_origin("http://me:secret@proxy:0");
  BOOST_REQUIRE(!parsed);
  BOOST_CHECK(parsed.error().message.find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
