#include "messages/hardware_address.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using workloads::parse_ip;

BOOST_AUTO_TEST_SUITE(hardware_address_test)

namespace {

std::string of(std::string_view bytes) {
  return to_string(hardware_address_of(bytes));
}

std::string of_ip(const char* text) {
  return to_string(hardware_address_of(parse_ip(text).value()));
}

} // namespace

// Made by the original.
BOOST_AUTO_TEST_CASE(derives_what_the_original_derives) {
  BOOST_CHECK_EQUAL(of("zdb-test"), "c6:e5:dc:83:9e:8d");
  BOOST_CHECK_EQUAL(of("zdb6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
                    "96:f0:a4:16:70:71");
  BOOST_CHECK_EQUAL(of(""), "d6:1d:8c:d9:8f:00");
}

BOOST_AUTO_TEST_CASE(derives_it_from_the_four_bytes_of_an_address) {
  BOOST_CHECK_EQUAL(of_ip("1.2.3.4"), "0a:d6:c0:5a:21:51");
  BOOST_CHECK_EQUAL(of_ip("185.69.222.10"), "b2:ab:2b:63:64:cd");
}

BOOST_AUTO_TEST_CASE(foretells_the_address_that_the_card_gives_itself) {
  const auto card = hardware_address_of(parse_ip("185.69.222.10").value());
  const auto network = parse_ip("2a02:2788:864:1314::").value();
  BOOST_CHECK_EQUAL(to_string(predicted_ipv6(network, card)),
                    "2a02:2788:864:1314:b0ab:2bff:fe63:64cd");
}

BOOST_AUTO_TEST_CASE(every_address_names_one_locally_administered_card) {
  for (int number = 0; number < 2000; ++number) {
    const auto card = hardware_address_of(std::to_string(number));
    BOOST_REQUIRE_EQUAL(card[0] & 3, 2);
  }
}

BOOST_AUTO_TEST_SUITE_END()
