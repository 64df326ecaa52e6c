#include "persistence/leveldb/key_layout.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <vector>

using namespace provision;

BOOST_AUTO_TEST_SUITE(key_layout_test)

BOOST_AUTO_TEST_CASE(numbers_sort_by_value) {
  const std::vector<std::uint64_t> numbers{0,      1,      255,         256,
                                           65'535, 65'536, 1ULL << 40U, ~0ULL};
  for (std::size_t n = 1; n < numbers.size(); ++n)
    BOOST_CHECK_LT(keys::numbered(keys::kind::work, numbers[n - 1]),
                   keys::numbered(keys::kind::work, numbers[n]));
  for (const auto number : numbers)
    BOOST_CHECK(keys::sequence_of(keys::numbered(keys::kind::outbox, number))
                == number);
}

BOOST_AUTO_TEST_CASE(times_sort_by_time_across_the_epoch) {
  const std::vector<timestamp> times{
    {std::numeric_limits<std::int64_t>::min(), 0},
    timestamp{},
    {-2, 999'999'999},
    {-1, 0},
    {0, 0},
    {0, 1},
    {0, 999'999'999},
    {1, 0},
    {256, 0},
    end_of_time};
  for (std::size_t n = 1; n < times.size(); ++n)
    BOOST_CHECK_LT(keys::expiry(times[n - 1], "9-9"),
                   keys::expiry(times[n], "1-1"));
  for (const auto at : times) {
    const auto key = keys::expiry(at, "100-1");
    const auto back = keys::expiry_of(key);
    BOOST_REQUIRE(back);
    BOOST_CHECK(back->at == at);
    BOOST_CHECK_EQUAL(back->id, "100-1");
  }
}

BOOST_AUTO_TEST_CASE(names_stand_behind_their_kind) {
  BOOST_CHECK_EQUAL(keys::named(keys::kind::state, "100-1"), "r/100-1");
  BOOST_CHECK_EQUAL(keys::name_of("r/100-1"), "100-1");
  BOOST_CHECK_EQUAL(keys::cursor("explorer"), "m/cursor/explorer");
  BOOST_CHECK_EQUAL(keys::grouped(keys::kind::network, "net1", "5-1"),
                    "n/net1/5-1");
  BOOST_CHECK_EQUAL(keys::grouped_id_of("n/net1/5-1"), "5-1");
}

BOOST_AUTO_TEST_CASE(foreign_keys_have_no_kind) {
  BOOST_CHECK(keys::kind_of("r/1") == keys::kind::state);
  BOOST_CHECK(!keys::kind_of(""));
  BOOST_CHECK(!keys::kind_of("r"));
  BOOST_CHECK(!keys::kind_of("rx1"));
  BOOST_CHECK(!keys::kind_of("z/1"));
}

BOOST_AUTO_TEST_CASE(misshapen_keys_decode_to_nothing) {
  BOOST_CHECK(!keys::sequence_of(""));
  BOOST_CHECK(!keys::sequence_of("w/1234567"));
  BOOST_CHECK(!keys::sequence_of("w/123456789"));
  BOOST_CHECK(!keys::expiry_of("x/123456789012"));
  BOOST_CHECK_EQUAL(keys::grouped_id_of("n/"), "");
  BOOST_CHECK_EQUAL(keys::name_of("n"), "");
}

BOOST_AUTO_TEST_SUITE_END()
