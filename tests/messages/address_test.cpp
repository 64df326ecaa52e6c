#include "messages/workloads/address.hpp"

#include <utility>

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace provision::workloads;

BOOST_AUTO_TEST_SUITE(address_test)

namespace {

using text_pair = std::pair<std::string_view, std::string_view>;

} // namespace

BOOST_AUTO_TEST_CASE(prints_addresses_as_the_original_does) {
  const text_pair cases[]{
    {"", ""},
    {"10.0.0.1", "10.0.0.1"},
    {"0.0.0.0", "0.0.0.0"},
    {"255.255.255.255", "255.255.255.255"},
    {"2001:DB8::1", "2001:db8::1"},
    {"2001:0db8:0:0:0:0:0:0001", "2001:db8::1"},
    {"::", "::"},
    {"::1", "::1"},
    {"1::", "1::"},
    {"fe80::1:0:0:1", "fe80::1:0:0:1"},
    {"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
    {"1:0:0:2:3:0:0:4", "1::2:3:0:0:4"},
    {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
    {"0:0:1:2:3:4:5:6", "::1:2:3:4:5:6"},
    {"1:2:3:4:5:6:0:0", "1:2:3:4:5:6::"},
    {"2a02:1802:5e:0:1000:0:ff:1", "2a02:1802:5e:0:1000:0:ff:1"},
    {"301:8d90:378f:a93:6364:f8c8:1c6b:865d",
     "301:8d90:378f:a93:6364:f8c8:1c6b:865d"},
    {"::1.2.3.4", "::102:304"},
    {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
    {"::ffff:1.2.3.4", "1.2.3.4"},
    {"::FFFF:102:304", "1.2.3.4"},
  };
  for (auto [text, printed] : cases)
    BOOST_TEST(to_string(parse_ip(text).value()) == printed);
}

BOOST_AUTO_TEST_CASE(treats_a_mapped_address_as_the_ipv4_one) {
  BOOST_CHECK(parse_ip("::ffff:1.2.3.4").value()
              == parse_ip("1.2.3.4").value());
  BOOST_CHECK(parse_ip("1.2.3.4").value().family == ip_address::kind::v4);
  BOOST_CHECK(parse_ip("::1").value().family == ip_address::kind::v6);
  BOOST_CHECK(parse_ip("").value().family == ip_address::kind::none);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_address) {
  using namespace std::string_view_literals;
  for (auto text :
       {"192.1268.0.1"sv,
        "10.0.0.1/24"sv,
        "10.0.0"sv,
        "10.0.0.1.2"sv,
        "10.0.0.256"sv,
        "010.1.2.3"sv,
        "10.01.2.3"sv,
        "10.0.0.1 "sv,
        " 10.0.0.1"sv,
        "10.0.0.1\0"sv,
        "1:2:3:4:5:6:7"sv,
        "1:2:3:4:5:6:7:8:9"sv,
        "1::2::3"sv,
        ":::"sv,
        ":1"sv,
        "12345::"sv,
        "00001::"sv,
        "::1:2:3:4:5:6:7:8"sv,
        "::1.2.3.04"sv,
        "fe80::1%eth0"sv,
        "g::"sv,
        "localhost"sv,
        "0x0a000001"sv,
        "167772161"sv,
        "aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa"sv}) {
    auto ip = parse_ip(text);
    BOOST_REQUIRE_MESSAGE(!ip, text);
    BOOST_CHECK(ip.error().code == errc::malformed_input);
    BOOST_TEST(ip.error().message
               == "invalid IP address: " + std::string{text});
  }
}

BOOST_AUTO_TEST_CASE(prints_ranges_with_their_host_bits) {
  const text_pair cases[]{
    {"", ""},
    {"192.168.1.0/24", "192.168.1.0/24"},
    {"192.168.1.77/24", "192.168.1.77/24"},
    {"0.0.0.0/0", "0.0.0.0/0"},
    {"::/0", "::/0"},
    {"1.2.3.4/32", "1.2.3.4/32"},
    {"1.2.3.4/024", "1.2.3.4/24"},
    {"2001:DB8::0001/32", "2001:db8::1/32"},
    {"2001:db8::/128", "2001:db8::/128"},
    {"::ffff:1.2.3.4/120", "1.2.3.4/24"},
    {"::ffff:1.2.3.4/128", "1.2.3.4/32"},
    {"::ffff:1.2.3.4/96", "1.2.3.4/0"},
    {"::ffff:1.2.3.4/24", "1.2.3.4/0"},
  };
  for (auto [text, printed] : cases)
    BOOST_TEST(to_string(parse_cidr(text).value()) == printed);
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_range) {
  for (std::string_view text :
       {"10.0.0.1", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/-0",
        "1.2.3.4/+8", "1.2.3.4/ 8", "1.2.3.4/8 ", "1.2.3.4/8/8", "/8",
        "010.1.2.3/8", "10.1/16", "::/129", "1.2.3.4/x",
        "1.2.3.4/99999999999999999999", "fe80::1%eth0/64"}) {
    auto range = parse_cidr(text);
    BOOST_REQUIRE_MESSAGE(!range, text);
    BOOST_CHECK(range.error().code == errc::malformed_input);
    BOOST_TEST(range.error().message
               == "invalid CIDR address: " + std::string{text});
  }
}

BOOST_AUTO_TEST_SUITE_END()
