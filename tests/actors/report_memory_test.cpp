#include "actors/report_memory.hpp"

#include <boost/test/unit_test.hpp>

using namespace provision;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(report_memory_test)

namespace {

constexpr moment start{};

outbox_row a_result(std::uint64_t sequence, std::string id = "1-1") {
  return {
    .sequence = sequence, .kind = report_kind::result, .id = std::move(id)};
}

} // namespace

BOOST_AUTO_TEST_CASE(knows_a_report_until_all_its_rows_are_accepted) {
  report_memory memory;
  BOOST_CHECK(!memory.knows(a_result(0), {}));
  memory.owe({a_result(1), a_result(2), a_result(3, "2-1")});
  memory.accept({1}, start);
  BOOST_CHECK(memory.knows(a_result(0), {}));
  memory.accept({2}, start);
  BOOST_CHECK(!memory.knows(a_result(0), {}));
  BOOST_CHECK(memory.knows(a_result(0, "2-1"), {}));
}

BOOST_AUTO_TEST_CASE(tells_the_kinds_of_reports_apart) {
  report_memory memory;
  memory.owe({a_result(1)});
  BOOST_CHECK(!memory.knows({.kind = report_kind::deleted, .id = "1-1"}, {}));
}

BOOST_AUTO_TEST_CASE(a_page_asked_for_before_the_acceptance_is_of_the_past) {
  report_memory memory;
  memory.owe({a_result(1)});
  memory.accept({1}, start + 5s);
  BOOST_CHECK(memory.knows(a_result(0), start + 4s));
  BOOST_CHECK(!memory.knows(a_result(0), start + 6s));
  memory.forget_before(start + 6s);
  BOOST_CHECK(!memory.knows(a_result(0), start + 4s));
}

BOOST_AUTO_TEST_CASE(remembers_the_last_acceptance_of_a_report) {
  report_memory memory;
  memory.owe({a_result(1)});
  memory.accept({1}, start + 1s);
  memory.owe({a_result(2)});
  memory.accept({2}, start + 5s);
  memory.forget_before(start + 3s);
  BOOST_CHECK(memory.knows(a_result(0), start + 4s));
}

BOOST_AUTO_TEST_CASE(keeps_a_bounded_number_of_accepted_reports) {
  report_memory memory;
  for (std::uint64_t i = 1; i <= report_memory::accepted_max + 1; ++i) {
    memory.owe({a_result(i, std::to_string(i))});
    memory.accept({i}, start + 1s);
  }
  BOOST_CHECK(!memory.knows(a_result(0, "1"), start));
  BOOST_CHECK(memory.knows(a_result(0, "2"), start));
}

BOOST_AUTO_TEST_CASE(rows_that_nobody_owed_change_nothing) {
  report_memory memory;
  memory.accept({7}, start);
  BOOST_CHECK(!memory.knows(a_result(0), start));
}

BOOST_AUTO_TEST_SUITE_END()
