#include "messages/workloads/domain_name.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace provision::workloads;

BOOST_AUTO_TEST_SUITE(domain_name_test)

BOOST_AUTO_TEST_CASE(takes_names_of_hosts_in_lower_case) {
  for (const auto* name :
       {"example.com", "a.b", "www.example.com", "xn--bcher-kva.example",
        "3com.example", "a-b.c-d.e1"})
    BOOST_CHECK_EQUAL(parse_domain(name).value(), name);
  BOOST_CHECK_EQUAL(parse_domain("WWW.Example.COM").value(), "www.example.com");
  const auto longest = std::string(63, 'a') + '.' + std::string(63, 'b') + '.'
                       + std::string(63, 'c') + '.' + std::string(61, 'd');
  BOOST_CHECK_EQUAL(longest.size(), 253);
  BOOST_CHECK(parse_domain(longest));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_none) {
  for (const auto* text : {"", "com", ".", ".example.com", "example.com.",
                           "a..b", "-a.example", "a-.example", "a_b.example",
                           "*.example.com", "10.0.0.1", "b\xc3\xbc.de", "a.1"})
    BOOST_CHECK_MESSAGE(!parse_domain(text), text);
  BOOST_CHECK(!parse_domain(std::string(64, 'a') + ".example"));
  BOOST_CHECK(!parse_domain("a." + std::string(63, 'b') + '.'
                            + std::string(63, 'b') + '.' + std::string(63, 'b')
                            + '.' + std::string(62, 'b')));
}

BOOST_AUTO_TEST_CASE(lets_nothing_pass_that_another_program_would_read) {
  for (const std::string hostile :
       {"a.example; return 200", "a.example}", "{a.example", "a.example\n",
        "a.example\nserver{}", "a example.com", "a.example#", "$host.example",
        "\"a\".example", "a.example\\", "a.example IN A 1.2.3.4", "(a.example)",
        "@.example", "$INCLUDE.example", "a.example\t", "a/../b.example",
        "~^a.example"})
    BOOST_CHECK_MESSAGE(!parse_domain(hostile), hostile);
  BOOST_CHECK(!parse_domain(std::string_view{"a.example\0b", 11}));
}

BOOST_AUTO_TEST_CASE(knows_what_is_in_a_domain) {
  BOOST_CHECK(is_in_domain("example.com", "example.com"));
  BOOST_CHECK(is_in_domain("a.b.example.com", "example.com"));
  BOOST_CHECK(!is_in_domain("badexample.com", "example.com"));
  BOOST_CHECK(!is_in_domain("com", "example.com"));
  BOOST_CHECK(!is_in_domain("example.org", "example.com"));
}

BOOST_AUTO_TEST_SUITE_END()
