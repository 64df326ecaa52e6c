#include "explorer/http/proxy.hpp"

#include <map>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(proxy_test)

namespace {

bool goes_direct(const std::string& no_proxy, const std::string& url) {
  auto found = proxy_for({.http = "proxy:3128", .no_proxy = no_proxy},
                         parse_origin(url).value());
  return found.has_value() && !found->has_value();
}

} // namespace

BOOST_AUTO_TEST_CASE(reads_the_customary_variables) {
  std::map<std::string, std::string> variables{
    {"http_proxy", "lower:1"},
    {"HTTPS_PROXY", "upper:2"},
    {"https_proxy", "lower:2"},
    {"no_proxy", "a,b"},
  };
  auto settings = proxy_from_environment([&](const char* name) {
    auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
  BOOST_CHECK_EQUAL(settings.http, "lower:1");
  BOOST_CHECK_EQUAL(settings.https, "upper:2");
  BOOST_CHECK_EQUAL(settings.no_proxy, "a,b");
}

BOOST_AUTO_TEST_CASE(picks_the_proxy_of_the_scheme) {
  proxy_settings settings{.http = "plain:1", .https = "http://u:p@tls:2/"};
  auto plain = proxy_for(settings, parse_origin("http://x").value());
  BOOST_REQUIRE(plain && *plain);
  BOOST_CHECK_EQUAL((*plain)->authority(), "plain:1");
  auto tls = proxy_for(settings, parse_origin("https://x").value());
  BOOST_REQUIRE(tls && *tls);
  BOOST_CHECK_EQUAL((*tls)->authority(), "tls:2");
  BOOST_CHECK_EQUAL((*tls)->credentials, "u:p");
}

BOOST_AUTO_TEST_CASE(reaches_the_local_host_directly) {
  for (const auto* url :
       {"http://localhost:1", "http://127.0.0.9", "http://[::1]"})
    BOOST_CHECK(goes_direct("", url));
  BOOST_CHECK(!goes_direct("", "http://10.0.0.1"));
}

BOOST_AUTO_TEST_CASE(exempts_names_addresses_and_blocks) {
  BOOST_CHECK(goes_direct("*", "http://anything"));
  BOOST_CHECK(goes_direct("a, Grid.TF ", "http://grid.tf"));
  BOOST_CHECK(goes_direct("grid.tf", "http://explorer.grid.tf"));
  BOOST_CHECK(!goes_direct("grid.tf", "http://notgrid.tf"));
  BOOST_CHECK(goes_direct(".grid.tf", "http://explorer.grid.tf"));
  BOOST_CHECK(!goes_direct(".grid.tf", "http://grid.tf"));
  BOOST_CHECK(goes_direct("*.grid.tf", "http://explorer.grid.tf"));
  BOOST_CHECK(goes_direct("grid.tf:8080", "http://grid.tf:8080"));
  BOOST_CHECK(!goes_direct("grid.tf:8080", "http://grid.tf"));
  BOOST_CHECK(goes_direct("10.1.2.3", "http://10.1.2.3"));
  BOOST_CHECK(goes_direct("10.0.0.0/8", "http://10.1.2.3"));
  BOOST_CHECK(!goes_direct("10.0.0.0/8", "http://11.1.2.3"));
  BOOST_CHECK(!goes_direct("10.0.0.0/8", "http://grid.tf"));
  BOOST_CHECK(goes_direct("fd00::/8", "http://[fd00::5]"));
  BOOST_CHECK(goes_direct("[fd00::5]:81,fd00::6", "http://[fd00::5]:81"));
  BOOST_CHECK(goes_direct("[fd00::5]:81,fd00::6", "http://[fd00::6]"));
  BOOST_CHECK(!goes_direct("nonsense/99,,:", "http://10.1.2.3"));
}

BOOST_AUTO_TEST_CASE(refuses_a_proxy_that_it_cannot_speak_to) {
  auto target = parse_origin("http://x").value();
  for (const auto* url : {"socks5://p", "https://p", "http://"}) {
    auto found = proxy_for({.http = url}, target);
    BOOST_REQUIRE(!found);
    BOOST_CHECK(found.error().code == errc::invalid_configuration);
  }
}

BOOST_AUTO_TEST_SUITE_END()
