#include "messages/reservation_type.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(reservation_type_test)

BOOST_AUTO_TEST_CASE(names_the_explorers_numbers) {
  const char* names[]{
    "zdb",           "container",        "volume",
    "network",       "kubernetes",       "proxy",
    "reverse_proxy", "subdomain",        "domain_delegate",
    "gateway4to6",   "network_resource", "public_ip",
  };
  for (std::uint8_t n = 0; n < 12; ++n)
    BOOST_TEST(to_string(workload_type{n}) == names[n]);
  for (int n = 12; n < 256; ++n)
    BOOST_TEST(to_string(static_cast<workload_type>(n)) == "UNKNOWN");
}

BOOST_AUTO_TEST_CASE(finds_the_reservation_type) {
  BOOST_CHECK(to_reservation_type(workload_type::network_resource)
              == reservation_types::network_resource);
  BOOST_TEST(to_reservation_type(workload_type{99}).name == "UNKNOWN");
}

BOOST_AUTO_TEST_CASE(ranks_what_others_stand_on_first) {
  using namespace reservation_types;
  const reservation_type ordered[]{
    debug,       network,   network_resource, zdb,       volume, container,
    kubernetes,  public_ip, domain_delegate,  subdomain, proxy,  reverse_proxy,
    gateway4to6,
  };
  int rank = 0;
  for (const auto& type : ordered)
    BOOST_TEST(order_rank(type) == rank++);
}

BOOST_AUTO_TEST_CASE(ranks_unknown_types_last) {
  auto last = order_rank(reservation_types::gateway4to6) + 1;
  for (auto name : {"", "UNKNOWN", "Volume", "an_embedders_own"})
    BOOST_TEST(order_rank({name}) == last);
}

BOOST_AUTO_TEST_SUITE_END()
