#include "config/listen_address.hpp"

#include <boost/test/unit_test.hpp>

#include "config/node_config.hpp"

using namespace provision::config;

BOOST_AUTO_TEST_SUITE(listen_address_test)

namespace {

/// What validate() says of a node that serves its metrics there.
std::string verdict(std::string listen,
                    metrics_reach reach = metrics_reach::loopback) {
  node_config settings;
  settings.explorer.url = "http://explorer";
  settings.metrics = {std::move(listen), reach};
  return validate(settings).message;
}

} // namespace

BOOST_AUTO_TEST_CASE(knows_which_addresses_other_hosts_can_reach) {
  for (auto* text : {"127.0.0.1:9464", "127.8.9.1:0", "[::1]:65535"})
    BOOST_CHECK_MESSAGE(parse_listen_address(text)->is_loopback, text);
  for (auto* text : {"0.0.0.0:9464", "10.0.0.1:1", "128.0.0.1:1", "[::]:9464",
                     "[fe80::1]:1"})
    BOOST_CHECK_MESSAGE(!parse_listen_address(text)->is_loopback, text);
  auto six = parse_listen_address("[::1]:9464");
  BOOST_CHECK_EQUAL(six->host, "::1");
  BOOST_CHECK_EQUAL(six->port, 9464);
}

BOOST_AUTO_TEST_CASE(refuses_names_and_what_is_no_address) {
  for (auto* text :
       {"localhost:9464", "127.0.0.1", "127.0.0.1:", ":9464", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:94a", "::1:9464", "[127.0.0.1]:9464",
        "[::1]", "[]:1", "127.1:9464", " 127.0.0.1:9464"})
    BOOST_CHECK_MESSAGE(!parse_listen_address(text), text);
}

BOOST_AUTO_TEST_CASE(metrics_leave_the_host_only_if_that_was_asked_for) {
  BOOST_CHECK_EQUAL(verdict(""), "");
  BOOST_CHECK_EQUAL(verdict("127.0.0.1:9464"), "");
  BOOST_CHECK(verdict("0.0.0.0:9464").find("metrics.reach")
              != std::string::npos);
  BOOST_CHECK_EQUAL(verdict("0.0.0.0:9464", metrics_reach::anywhere), "");
  BOOST_CHECK(
    verdict("nonsense", metrics_reach::anywhere).find("metrics.listen")
    != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_dashboard_never_leaves_the_host) {
  node_config settings;
  settings.explorer.url = "http://explorer";
  for (auto* text : {"", "127.0.0.1:9465", "[::1]:0"}) {
    settings.dashboard.listen = text;
    BOOST_CHECK_EQUAL(validate(settings).message, "");
  }
  for (auto* text : {"0.0.0.0:9465", "[::]:9465", "192.0.2.1:9465"}) {
    settings.dashboard.listen = text;
    BOOST_CHECK(validate(settings).message.find("dashboard.listen")
                != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
