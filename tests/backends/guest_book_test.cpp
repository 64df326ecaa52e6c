#include "backends/tls/guest_book.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

namespace guest_book_test {
namespace {

struct guest {};

struct crowd {
  std::shared_ptr<guest> come(const std::string& address) {
    const auto made = std::make_shared<guest>();
    left = book.enter(address, made);
    return made;
  }

  guest_book<guest> book{3};
  std::shared_ptr<guest> left = {};
};

} // namespace
} // namespace guest_book_test

BOOST_FIXTURE_TEST_SUITE(guest_book_test, crowd)

BOOST_AUTO_TEST_CASE(nobody_has_to_go_while_there_is_room) {
  for (int i = 0; i < 3; ++i) {
    come("a");
    BOOST_CHECK(!left);
  }
  BOOST_CHECK_EQUAL(book.size(), 3u);
}

BOOST_AUTO_TEST_CASE(the_one_who_waits_longest_makes_room) {
  const auto first = come("a");
  come("b");
  come("c");
  come("d");
  BOOST_CHECK(left == first);
  BOOST_CHECK_EQUAL(book.size(), 3u);
}

BOOST_AUTO_TEST_CASE(many_from_one_place_cost_nobody_else_his_place) {
  const auto lonely = come("daemon");
  const auto first = come("flood");
  const auto second = come("flood");
  come("flood");
  BOOST_CHECK(left == first);
  come("flood");
  BOOST_CHECK(left == second);
  BOOST_CHECK(book.leave(lonely));
}

BOOST_AUTO_TEST_CASE(who_left_takes_no_room_and_leaves_once) {
  const auto first = come("a");
  come("a");
  come("a");
  BOOST_CHECK(book.leave(first));
  BOOST_CHECK(!book.leave(first));
  come("a");
  BOOST_CHECK(!left);
}

BOOST_AUTO_TEST_SUITE_END()
