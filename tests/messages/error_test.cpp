#include "messages/error.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(error_test)

BOOST_AUTO_TEST_CASE(names_every_code_differently) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(errc::backend_failure); ++code)
    BOOST_TEST(names.insert(to_string(static_cast<errc>(code))).second);
  BOOST_TEST(!names.contains(""));
}

BOOST_AUTO_TEST_CASE(keeps_names_at_their_numbers) {
  BOOST_TEST(to_string(errc::none) == "none");
  BOOST_TEST(to_string(errc::expired) == "expired");
  BOOST_TEST(to_string(errc::no_such_reservation) == "no_such_reservation");
  BOOST_TEST(to_string(errc::disk_full) == "disk_full");
  BOOST_TEST(to_string(errc::end_of_stream) == "end_of_stream");
  BOOST_TEST(to_string(errc::backend_failure) == "backend_failure");
}

BOOST_AUTO_TEST_CASE(names_no_code_outside_the_table) {
  BOOST_TEST(to_string(static_cast<errc>(200)) == "unknown");
}

BOOST_AUTO_TEST_CASE(shows_message_and_number_if_there_are_any) {
  BOOST_TEST(to_string(error{errc::expired}) == "expired");
  BOOST_TEST(to_string(error{errc::expired, "reservation 1-1"})
             == "expired: reservation 1-1");
  BOOST_TEST(to_string(error{errc::explorer_refused, "put", 403})
             == "explorer_refused: put (403)");
}

BOOST_AUTO_TEST_CASE(is_false_only_without_a_code) {
  BOOST_TEST(!error{});
  BOOST_TEST(!!err_poll_eos);
}

BOOST_AUTO_TEST_SUITE_END()
