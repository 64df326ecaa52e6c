#include "messages/byte_units.hpp"
#include "messages/capacity.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

using namespace provision;

BOOST_AUTO_TEST_SUITE(capacity_test)

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

} // namespace

BOOST_AUTO_TEST_CASE(gives_each_unit_by_name) {
  resources four{1, 2, 3, 4};
  BOOST_TEST(four.of(resource_units_cru) == 1U);
  BOOST_TEST(four.of(resource_units_mru) == 2U);
  BOOST_TEST(four.of(resource_units_hru) == 3U);
  BOOST_TEST(four.of(resource_units_sru) == 4U);
  BOOST_TEST(to_string(resource_units_cru) == "CRU");
  BOOST_TEST(to_string(resource_units_mru) == "MRU");
  BOOST_TEST(to_string(resource_units_hru) == "HRU");
  BOOST_TEST(to_string(resource_units_sru) == "SRU");
}

BOOST_AUTO_TEST_CASE(adds_each_unit) {
  BOOST_CHECK(checked_add({1, 2, 3, 4}, {10, 20, 30, 40}).value()
              == (resources{11, 22, 33, 44}));
  BOOST_CHECK(checked_add({most, 0, 0, 0}, {}).value()
              == (resources{most, 0, 0, 0}));
}

BOOST_AUTO_TEST_CASE(refuses_to_wrap_and_names_the_unit) {
  const std::pair<resources, std::string_view> cases[]{
    {{1, 0, 0, 0}, "CRU"},
    {{0, 1, 0, 0}, "MRU"},
    {{0, 0, 1, 0}, "HRU"},
    {{0, 0, 0, 1}, "SRU"},
  };
  for (const auto& [one, unit] : cases) {
    auto sum = checked_add({most, most, most, most}, one);
    BOOST_REQUIRE(!sum);
    BOOST_CHECK(sum.error().code == errc::invalid_reservation);
    BOOST_TEST(sum.error().message.starts_with(unit));
  }
}

BOOST_AUTO_TEST_CASE(stops_at_zero_when_it_gives_back) {
  BOOST_CHECK(saturating_subtract({5, 5, 5, most}, {3, 5, 7, 1})
              == (resources{2, 0, 0, most - 1}));
}

BOOST_AUTO_TEST_CASE(reports_gib) {
  auto amount
    = to_resource_amount({2, 3 * gib + gib / 2, 0, 100 * gib + gib / 4});
  BOOST_CHECK(amount == (resource_amount{2, 3.5, 0, 100.25}));
}

BOOST_AUTO_TEST_SUITE_END()
