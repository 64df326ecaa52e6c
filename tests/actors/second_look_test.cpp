#include "actors/second_look.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(second_look_test)

namespace {

constexpr moment start{};

} // namespace

BOOST_AUTO_TEST_CASE(begins_with_the_lowest_that_was_taken) {
  second_look unseen;
  BOOST_CHECK(!unseen.from());
  unseen.taken({5, 9}, start);
  unseen.taken({3, 4}, start);
  unseen.taken({20, 20}, start);
  BOOST_CHECK_EQUAL(unseen.from().value(), 3);
}

BOOST_AUTO_TEST_CASE(goes_on_page_by_page_until_all_was_seen) {
  second_look unseen;
  unseen.taken({3, 9}, start);
  unseen.looked({2, start + 1s}, 6);
  BOOST_CHECK_EQUAL(unseen.from().value(), 6);
  unseen.looked({6, start + 1s}, 10);
  BOOST_CHECK(!unseen.from());
}

BOOST_AUTO_TEST_CASE(a_page_that_was_asked_for_earlier_counts_for_nothing) {
  second_look unseen;
  unseen.taken({3, 9}, start + 5s);
  unseen.looked({0, start + 4s}, 100);
  BOOST_CHECK_EQUAL(unseen.from().value(), 3);
}

BOOST_AUTO_TEST_CASE(a_page_that_begins_behind_the_lowest_counts_for_nothing) {
  second_look unseen;
  unseen.taken({3, 9}, start);
  unseen.looked({4, start + 1s}, 100);
  BOOST_CHECK_EQUAL(unseen.from().value(), 3);
}

BOOST_AUTO_TEST_CASE(what_is_taken_meanwhile_has_to_be_seen_too) {
  second_look unseen;
  unseen.taken({3, 9}, start);
  unseen.looked({3, start + 1s}, 8);
  unseen.taken({4, 4}, start + 2s);
  BOOST_CHECK_EQUAL(unseen.from().value(), 4);
  unseen.looked({8, start + 3s}, 100);
  BOOST_CHECK_EQUAL(unseen.from().value(), 4);
}

BOOST_AUTO_TEST_SUITE_END()
