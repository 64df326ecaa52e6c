#include <boost/test/unit_test.hpp>

#include "tests/backends/gateway_host.hpp"
#include "tests/support/name_server.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(gateway_zones_test,
                      *boost::unit_test::precondition(gateways_are_possible))

BOOST_FIXTURE_TEST_CASE(
  a_dns_server_answers_for_what_was_delegated, gateway_host,
  *boost::unit_test::precondition(name_servers_are_possible)) {
  name_server dns{zones()};
  auto wanted = options();
  made(open(wanted)->refresh());
  dns.start();
  wanted.zone_reload = dns.reload();
  const auto backend = open(wanted);
  BOOST_CHECK(eventually([] {
    return name_server::ask("gateway.example", "NS").find("ns1.example.net.")
           != std::string::npos;
  }));
  made(backend->ensure(delegate()));
  BOOST_CHECK_EQUAL(state_of(*backend, "109-1"), "present");
  BOOST_CHECK(eventually([] {
    return name_server::ask("example.com", "SOA")
      .starts_with("ns1.example.net. hostmaster.example.com. 1000 ");
  }));
  made(backend->ensure(subdomain()));
  BOOST_CHECK_EQUAL(state_of(*backend, "108-1"), "present");
  BOOST_CHECK(eventually(
    [] { return name_server::ask("a.example.com", "A") == "192.0.2.5\n"; }));
  BOOST_CHECK_EQUAL(name_server::ask("a.example.com", "AAAA"), "2001:db8::5\n");
  BOOST_CHECK_EQUAL(name_server::ask("__owner__.example.com", "TXT"),
                    "\"{\\\"identity\\\":\\\"" + node()
                      + "\\\",\\\"owner\\\":\\\"7\\\"}\"\n");
  // A name in the node's own domain, which everybody may take.
  made(backend->ensure(subdomain("b.gateway.example", "107-1", "8")));
  BOOST_CHECK(eventually([] {
    return name_server::ask("b.gateway.example", "A") == "192.0.2.5\n";
  }));
  made(backend->destroy("108-1"));
  BOOST_CHECK(
    eventually([] { return name_server::ask("a.example.com", "A").empty(); }));
  made(backend->destroy("109-1"));
  BOOST_CHECK(
    eventually([] { return name_server::ask("example.com", "SOA").empty(); }));
  made(backend->destroy("107-1"));
}

BOOST_FIXTURE_TEST_CASE(a_zone_that_changes_gets_a_higher_serial_number,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(delegate()));
  BOOST_CHECK_EQUAL(serial_of(zone("example.com"), node()), 1000);
  const auto before = zone("example.com");
  made(backend->ensure(delegate()));
  BOOST_CHECK_EQUAL(zone("example.com"), before);
  // However slow the clock.
  made(backend->ensure(subdomain()));
  BOOST_CHECK_EQUAL(serial_of(zone("example.com"), node()), 1001);
  now = 999;
  made(backend->destroy("108-1"));
  BOOST_CHECK_EQUAL(serial_of(zone("example.com"), node()), 1002);
  now = 5000;
  made(backend->ensure(subdomain()));
  BOOST_CHECK_EQUAL(serial_of(zone("example.com"), node()), 5000);
  // Others need not be touched for it.
  BOOST_CHECK_EQUAL(serial_of(zone("gateway.example"), node()), 1000);
}

BOOST_FIXTURE_TEST_CASE(names_stay_behind_when_their_domain_goes,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(delegate()));
  made(backend->ensure(subdomain()));
  made(backend->destroy("109-1"));
  BOOST_CHECK_EQUAL(zone("example.com"), "");
  says(state_of(*backend, "108-1"), "partial: a.example.com is in no zone");
  // They come back with it.
  made(backend->ensure(delegate()));
  BOOST_CHECK_EQUAL(state_of(*backend, "108-1"), "present");
}

BOOST_FIXTURE_TEST_CASE(files_that_somebody_else_made_are_left_alone,
                        gateway_host) {
  const auto backend = open();
  made(backend->refresh());
  const auto path = zones() + "/example.com.zone";
  std::ofstream{path} << "; by hand\n";
  refused(backend->ensure(delegate()), errc::invalid_reservation,
          path + " is there and was not made by this node");
  BOOST_CHECK_EQUAL(zone("example.com"), "; by hand\n");
  BOOST_CHECK_EQUAL(state_of(*backend, "109-1"), "absent");
  made(backend->ensure(delegate("example.org", "107-1")));
  made(backend->destroy("107-1"));
  BOOST_CHECK_EQUAL(zone("example.com"), "; by hand\n");
  std::filesystem::remove(path);
}

BOOST_FIXTURE_TEST_CASE(a_zone_file_that_cannot_be_read_is_no_absent_one,
                        gateway_host) {
  const auto backend = open();
  made(backend->refresh());
  const auto path = zones() + "/example.com.zone";
  std::filesystem::create_directory(path);
  BOOST_CHECK(backend->ensure(delegate()));
  BOOST_CHECK(std::filesystem::is_directory(path));
  BOOST_CHECK_EQUAL(state_of(*backend, "109-1"), "absent");
  std::filesystem::remove(path);
}

BOOST_FIXTURE_TEST_CASE(a_zone_that_was_changed_by_hand_is_put_right,
                        gateway_host) {
  const auto backend = open();
  made(backend->ensure(delegate()));
  const auto whole = zone("example.com");
  std::ofstream{zones() + "/example.com.zone", std::ios::app}
    << "evil.example.com. IN A 192.0.2.66\n";
  says(state_of(*backend, "109-1"), "partial: ");
  made(backend->refresh());
  BOOST_CHECK_EQUAL(state_of(*backend, "109-1"), "present");
  BOOST_CHECK_EQUAL(serial_of(zone("example.com"), node()), 1001);
  BOOST_CHECK(zone("example.com").find("evil") == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_zone_that_is_not_accepted_changes_none,
                        gateway_host) {
  auto wanted = options();
  made(open(wanted)->ensure(delegate()));
  const auto whole = zone("example.com");
  // Says no to everything.
  wanted.tools.checkzone = "/bin/false";
  const auto backend = open(wanted);
  refused(backend->ensure(subdomain()), errc::backend_failure,
          "zone example.com is not accepted");
  BOOST_CHECK_EQUAL(zone("example.com"), whole);
  BOOST_CHECK_EQUAL(state_of(*backend, "108-1"), "absent");
  BOOST_CHECK(!std::filesystem::exists(zones() + "/example.com.zone.new"));
}

BOOST_FIXTURE_TEST_CASE(a_dns_server_that_cannot_be_told_is_told_later,
                        gateway_host) {
  auto wanted = options();
  wanted.zone_reload = {"/bin/false"};
  refused(open(wanted)->ensure(delegate()), errc::host_unavailable,
          "the DNS server cannot be told of its zones");
  BOOST_CHECK_EQUAL(zone("example.com"), "");
  const auto told = root + "/told";
  wanted.zone_reload = {"/bin/touch", told};
  const auto backend = open(wanted);
  // Nothing changes, but it has not heard of the last change yet.
  made(backend->refresh());
  BOOST_CHECK(std::filesystem::exists(told));
  std::filesystem::remove(told);
  made(backend->refresh());
  BOOST_CHECK(!std::filesystem::exists(told));
}

BOOST_FIXTURE_TEST_CASE(a_gateway_without_nginx_keeps_zones, gateway_host) {
  auto wanted = options();
  wanted.tools.nginx.clear();
  const auto backend = open(wanted);
  made(backend->ensure(delegate()));
  refused(backend->ensure(proxy()), errc::host_unavailable,
          "this node passes no HTTP on");
  BOOST_CHECK_EQUAL(state_of(*backend, "109-1"), "present");
}

BOOST_AUTO_TEST_SUITE_END()
