#include <boost/test/unit_test.hpp>

#include "messages/reservation.hpp"

using namespace provision;

BOOST_AUTO_TEST_SUITE(network_id_test)

BOOST_AUTO_TEST_CASE(shortens_user_and_name_as_the_original_does) {
  BOOST_TEST(network_id("1", "tf_devnet") == "Fm5zFVbdL8av8");
  BOOST_TEST(network_id("1", "tf_mainnet") == "WYPjeU7vWXkXt");
  BOOST_TEST(network_id("7", "net1") == "LQvBSpmfrEtfs");
  BOOST_TEST(network_id("7", "zosnet") == "RZmr2ri5HYwis");
  BOOST_TEST(network_id("", "") == "TCByYo9r1su7n");
}

BOOST_AUTO_TEST_CASE(lets_two_users_collide_for_want_of_a_separator) {
  BOOST_TEST(network_id("71", "net") == "92KH4yDMxsnS9");
  BOOST_TEST(network_id("7", "1net") == "92KH4yDMxsnS9");
}

BOOST_AUTO_TEST_SUITE_END()
