#include "persistence/leveldb/absent_ids.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(absent_ids_test)

BOOST_AUTO_TEST_CASE(knows_what_was_not_there_until_it_may_be) {
  absent_ids absent;
  BOOST_TEST(!absent.contains("1-1"));
  absent.note("1-1");
  absent.note("2-1");
  BOOST_TEST(absent.contains("1-1"));
  absent.forget("1-1");
  absent.forget("3-1");
  BOOST_TEST(!absent.contains("1-1"));
  BOOST_TEST(absent.contains("2-1"));
}

BOOST_AUTO_TEST_CASE(keeps_a_bounded_number) {
  absent_ids absent;
  for (std::size_t i = 0; i < absent_ids::count_max; ++i)
    absent.note(std::to_string(i));
  BOOST_TEST(absent.contains("0"));
  absent.note("another");
  BOOST_TEST(!absent.contains("0"));
  BOOST_TEST(absent.contains("another"));
}

BOOST_AUTO_TEST_SUITE_END()
