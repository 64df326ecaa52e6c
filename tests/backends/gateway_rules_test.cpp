#include "backends/host/gateway_rules.hpp"

#include <boost/test/unit_test.hpp>

#include "backends/host/nginx_config.hpp"
#include "backends/host/zone_file.hpp"
#include "tests/support/says.hpp"

using namespace provision;
using test::says;

namespace gateway_rules_test {
namespace {

workloads::ip_address ip(const std::string& text) {
  return workloads::parse_ip(text).value();
}

gateway_record proxy(const std::string& domain, const std::string& user = "7",
                     const std::string& address = "10.0.0.1") {
  return {user, proxied_domain{domain, ip(address), 80, 443}};
}

gateway_record tunnel(const std::string& domain,
                      const std::string& user = "7") {
  return {user, tunnelled_domain{domain, std::string(64, 'a')}};
}

gateway_record subdomain(const std::string& domain,
                         const std::string& user = "7",
                         const std::string& address = "192.0.2.5") {
  return {user, named_addresses{domain, {ip(address)}}};
}

gateway_record delegate(const std::string& domain,
                        const std::string& user = "7") {
  return {user, delegated_domain{domain}};
}

struct fixture {
  gateway_terms terms{.domains = {"gateway.example"},
                      .name_servers = {"ns1.example.net"},
                      .has_http = true,
                      .has_tls = true,
                      .has_tunnels = true,
                      .has_zones = true};
  gateway_book book = {};

  error claim(const gateway_record& wanted, const std::string& id = "900-1") {
    return check_claim(book, id, wanted, terms);
  }

  void granted(const gateway_record& wanted, const std::string& id = "900-1") {
    const auto refused = claim(wanted, id);
    BOOST_CHECK_MESSAGE(!refused, refused.message);
  }

  void refused(const gateway_record& wanted, const std::string& why,
               errc code = errc::invalid_reservation) {
    const auto refused = claim(wanted);
    BOOST_CHECK(refused.code == code);
    says(refused.message, why);
  }
};

} // namespace
} // namespace gateway_rules_test

BOOST_FIXTURE_TEST_SUITE(gateway_rules_test, fixture)

BOOST_AUTO_TEST_CASE(two_users_never_have_one_domain) {
  book = {{"1-1", proxy("www.shop.example", "8")},
          {"2-1", delegate("other.example", "8")}};
  for (const auto& wanted :
       {proxy("www.shop.example"), tunnel("www.shop.example"),
        delegate("www.shop.example")})
    refused(wanted, "www.shop.example is another user's");
  refused(delegate("other.example"), "other.example is another user's");
  granted(proxy("www.shop.example", "8"));
  granted(delegate("other.example", "8"));
}

BOOST_AUTO_TEST_CASE(what_is_in_a_zone_is_its_owners) {
  book = {{"1-1", delegate("example.com", "8")}};
  for (const auto& wanted :
       {proxy("www.example.com"), subdomain("www.example.com"),
        delegate("deep.in.example.com")})
    refused(wanted, "is in example.com, another user's");
  granted(proxy("www.example.com", "8"));
  granted(subdomain("a.b.example.com", "8"));
  granted(delegate("deep.in.example.com", "8"));
  // Who has a name in it already keeps it, and what is in that.
  book["2-1"] = delegate("old.example.org", "7");
  book["3-1"] = delegate("example.org", "8");
  granted(subdomain("a.old.example.org"));
  refused(subdomain("a.example.org"), "is in example.org, another user's");
}

BOOST_AUTO_TEST_CASE(a_name_needs_a_zone_of_its_owner_or_of_the_node) {
  refused(subdomain("a.example.com"),
          "a.example.com is in none that is delegated to this node");
  granted(subdomain("a.gateway.example"));
  refused(subdomain("gateway.example"), "is the node's own");
  refused(subdomain("a.b.gateway.example"),
          "only names directly in gateway.example can be reserved");
  refused({"7", named_addresses{"a.gateway.example", {}}},
          "ips: must not be empty");
}

BOOST_AUTO_TEST_CASE(a_name_in_the_nodes_own_domain_is_reserved_once) {
  book = {{"1-1", subdomain("a.gateway.example", "7")}};
  refused(subdomain("a.gateway.example"), "is reserved already, by 1-1");
  refused(subdomain("a.gateway.example", "8"), "is another user's");
  refused(proxy("a.gateway.example", "8"), "is another user's");
  // Asked again by the same reservation.
  granted(subdomain("a.gateway.example"), "1-1");
  granted(proxy("a.gateway.example"));
}

BOOST_AUTO_TEST_CASE(nobody_gets_the_nodes_own_zones_or_name_servers) {
  refused(delegate("gateway.example"), "which is the node's own");
  refused(delegate("a.gateway.example"), "which is the node's own");
  refused(delegate("example.net"), "the DNS server ns1.example.net is in");
}

BOOST_AUTO_TEST_CASE(a_proxy_leads_to_somebody_else) {
  for (const auto* address :
       {"127.0.0.1", "127.9.9.9", "0.0.0.0", "169.254.169.254", "224.0.0.1",
        "255.255.255.255", "::1", "::", "fe80::1", "ff02::1",
        "::ffff:127.0.0.1"})
    refused(proxy("www.example.com", "7", address),
            "is none that a gateway passes anything to");
  for (const auto* address : {"10.0.0.1", "203.0.113.9", "2001:db8::1"})
    granted(proxy("www.example.com", "7", address));
}

BOOST_AUTO_TEST_CASE(says_what_the_operator_has_not_set) {
  refused({"7", proxied_domain{"a.example", ip("10.0.0.1"), 0, 0}},
          "port: neither it nor port_tls is set");
  terms.has_http = terms.has_tunnels = false;
  refused(proxy("www.example.com"), "set gateway.http_listen",
          errc::host_unavailable);
  refused(tunnel("www.example.com"), "set gateway.http_listen",
          errc::host_unavailable);
  terms = {.has_http = true};
  refused(proxy("www.example.com"), "set gateway.tls_listen",
          errc::host_unavailable);
  for (const auto& wanted :
       {subdomain("a.example.com"), delegate("example.com")})
    refused(wanted, "set gateway.zone_folder", errc::host_unavailable);
}

BOOST_AUTO_TEST_CASE(of_a_users_proxies_for_a_domain_the_last_one_counts) {
  book = {{"9-1", proxy("www.example.com")},
          {"10-1", tunnel("www.example.com")},
          {"8-1", proxy("other.example.com")},
          {"11-1", delegate("www.example.com")}};
  const std::map<std::string, std::string> expected{
    {"www.example.com", "10-1"}, {"other.example.com", "8-1"}};
  BOOST_CHECK(served_domains(book) == expected);
}

BOOST_AUTO_TEST_CASE(names_are_in_the_innermost_zone_of_their_owner) {
  book = {{"1-1", delegate("example.com")},
          {"2-1", delegate("in.example.com")},
          {"3-1", subdomain("a.example.com")},
          {"4-1", subdomain("a.in.example.com")},
          {"5-1", subdomain("a.example.com", "7", "192.0.2.6")},
          {"6-1", subdomain("a.example.com", "7", "192.0.2.5")},
          {"7-1", subdomain("b.gateway.example", "8")},
          // Left over from before the domain was given to somebody else.
          {"8-1", subdomain("old.example.com", "9")}};
  const auto zones = zones_of(book, terms);
  BOOST_REQUIRE_EQUAL(zones.size(), 3);
  BOOST_CHECK_EQUAL(zones[0].domain, "example.com");
  BOOST_CHECK_EQUAL(zones[0].owner, "7");
  BOOST_REQUIRE_EQUAL(zones[0].names.size(), 1);
  BOOST_CHECK((zones[0].names.at("a.example.com")
               == std::vector{ip("192.0.2.5"), ip("192.0.2.6")}));
  BOOST_CHECK_EQUAL(zones[1].domain, "gateway.example");
  BOOST_CHECK_EQUAL(zones[1].owner, "");
  BOOST_CHECK(zones[1].names.contains("b.gateway.example"));
  BOOST_CHECK_EQUAL(zones[2].domain, "in.example.com");
  BOOST_CHECK(zones[2].names.contains("a.in.example.com"));
}

BOOST_AUTO_TEST_CASE(a_zone_is_written_as_dns_servers_read_it) {
  const dns_zone zone{
    "example.com",
    "7",
    {{"a.example.com", {ip("192.0.2.5"), ip("2001:db8::5")}}}};
  const auto text
    = zone_text(zone, {"node1", {"ns1.example.net", "ns2.example.net"}}, 42);
  BOOST_CHECK_EQUAL(
    text, "; provisiond node1: what is changed here is lost\n"
          "; serial 42\n"
          "$TTL 3600\n"
          "example.com. IN SOA ns1.example.net. hostmaster.example.com. 42 "
          "3600 600 1209600 300\n"
          "example.com. IN NS ns1.example.net.\n"
          "example.com. IN NS ns2.example.net.\n"
          "__owner__.example.com. 600 IN TXT "
          "\"{\\\"identity\\\":\\\"node1\\\",\\\"owner\\\":\\\"7\\\"}\"\n"
          "a.example.com. 3600 IN A 192.0.2.5\n"
          "a.example.com. 3600 IN AAAA 2001:db8::5\n");
  BOOST_CHECK_EQUAL(serial_of(text, "node1"), 42);
  BOOST_CHECK_EQUAL(serial_of(text, "node2"), 0);
  BOOST_CHECK_EQUAL(serial_of("$TTL 3600\n", "node1"), 0);
}

BOOST_AUTO_TEST_CASE(a_generation_names_one_configuration) {
  const nginx_doors doors{"/run/n", "192.0.2.1:80", "[2001:db8::1]:443"};
  const auto one = nginx_config({}, doors, {});
  const auto other = nginx_config(
    {}, doors,
    {{"www.example.com", {"[2001:db8::9]:80", "[2001:db8::9]:443"}},
     {"half.example.com", {"", "unix:/run/door"}}});
  BOOST_CHECK(!nginx_generation(one).empty());
  BOOST_CHECK_NE(nginx_generation(one), nginx_generation(other));
  says(other, "server_name www.example.com;");
  says(other, "proxy_pass http://[2001:db8::9]:80;");
  says(other, "    www.example.com [2001:db8::9]:443;\n");
  says(other, "    half.example.com unix:/run/door;\n");
  BOOST_CHECK(other.find("server_name half") == std::string::npos);
  BOOST_CHECK(nginx_takes("/var/lib/provision d"));
  for (const auto* path : {"/a\"b", "/a$b", "/a\\b", "/a\nb"})
    BOOST_CHECK(!nginx_takes(path));
}

BOOST_AUTO_TEST_CASE(a_record_comes_back_and_half_a_one_does_not) {
  for (const auto& record :
       {proxy("www.example.com"), tunnel("www.example.com"),
        subdomain("a.example.com"), delegate("example.com"),
        delegate("example.com", "-3")}) {
    const auto text = write_record(record);
    const auto read = read_gateway_record(text);
    BOOST_REQUIRE(read);
    BOOST_CHECK(*read == record);
    BOOST_CHECK(!read_gateway_record(text.substr(0, text.size() / 2)));
  }
}

BOOST_AUTO_TEST_CASE(a_record_that_somebody_bent_reaches_no_other_program) {
  for (const std::string bent :
       {"user\t7\ndelegate\texample.com;\nend\n",
        "user\t7\ndelegate\tExample.com\nend\n",
        "user\t7\\n@ IN NS x\ndelegate\texample.com\nend\n",
        "user\t7\nproxy\ta.example\naddress\t10.0.0.1;\nport\t1\nend\n",
        "user\t7\nproxy\ta.example\naddress\t10.0.0.1\nport\t99999\nend\n",
        "user\t7\nproxy\ta.example\nend\n", "delegate\texample.com\nend\n",
        "user\t7\ntunnel\ta.example\nend\n",
        "user\t7\ntunnel\ta.example\ndigest\tabc\nend\n",
        "user\t7\nnonsense\texample.com\nend\n", ""}) {
    const auto read = read_gateway_record(bent);
    BOOST_REQUIRE_MESSAGE(!read, bent);
    BOOST_CHECK(read.error().code == errc::storage_corrupt);
  }
}

BOOST_AUTO_TEST_SUITE_END()
