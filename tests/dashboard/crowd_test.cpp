// A node with a hundred thousand reservations.
#include <boost/test/unit_test.hpp>

#include <chrono>

#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "tests/dashboard/dashboard_town.hpp"

using namespace provision;
using namespace provision::dashboard;
using namespace provision::journeys;

namespace crowd_test {
namespace {

constexpr std::size_t crowd = 100'000;

record_ptr one_of_many(std::size_t number, timestamp now) {
  record row;
  row.id = std::to_string(number + 1'000'000) + "-1";
  row.sequence = number;
  row.state
    = number == crowd - 1 ? record_state::failed : record_state::provisioned;
  row.source = "explorer";
  row.type = reservation_types::volume;
  row.user_id = std::to_string(number % 100);
  row.version = 2;
  row.takes.sru = 1ULL << 30U;
  row.accepted_at = row.settled_at = now;
  row.result.id = row.id;
  row.result.type = row.type;
  row.result.created = now;
  row.result.state = result_state::ok;
  row.result.data = R"({"volume_id":")" + row.id + R"("})";
  if (row.state == record_state::failed) {
    row.result.state = result_state::error;
    row.result.error = "the needle in the haystack";
  }
  row.received
    = own_text(R"({"id":")" + row.id + R"("})", text_form::reservation);
  return std::make_shared<const record>(std::move(row));
}

struct crowded_town : dashboard_town {
  crowded_town() {
    auto now = system_clock{}.now();
    auto store = open_leveldb_store(node.data_dir() + "/store",
                                    explorer->node_id(), now);
    BOOST_REQUIRE(store);
    constexpr std::size_t group = 10'000;
    for (std::size_t number = 0; number < crowd;) {
      transition_batch batch;
      for (auto end = number + group; number < end; ++number) {
        auto row = one_of_many(number, now);
        batch.journal.push_back(
          {.at = now, .id = row->id, .event = "accepted"});
        batch.puts.push_back({std::move(row), true});
      }
      BOOST_REQUIRE(!(*store)->apply(batch, durability::machine));
    }
  }

  int elements() {
    return tab.evaluate("document.querySelectorAll('*').length").get<int>();
  }

  std::string first_row() {
    return tab.evaluate("document.querySelector('#rows tr')?.cells[0]"
                        ".textContent ?? ''");
  }
};

} // namespace
} // namespace crowd_test

BOOST_FIXTURE_TEST_SUITE(crowd_test, crowded_town)

BOOST_AUTO_TEST_CASE(a_hundred_thousand_reservations_are_shown_page_by_page) {
  look();
  tab.shows("#numbers", "99,999");
  tab.shows("#rows-note", "rows 1 to 25, more follow");
  BOOST_CHECK_EQUAL(first_row(), "1000000-1");
  tab.click("#page-on");
  tab.shows("#rows-note", "rows 26 to 50, more follow");
  BOOST_CHECK_EQUAL(first_row(), "1000025-1");
  tab.click("#page-on");
  tab.shows("#rows-note", "rows 51 to 75, more follow");
  tab.click("#page-back");
  tab.shows("#rows-note", "rows 26 to 50, more follow");
  BOOST_CHECK_EQUAL(first_row(), "1000025-1");
  BOOST_CHECK(tab.evaluate("document.querySelectorAll('#rows tr').length")
              == 25);
  // However many there are, the page stays small.
  BOOST_CHECK_LE(elements(), 2000);
  tab.click("#page-first");
  tab.shows("#rows-note", "rows 1 to 25, more follow");
}

BOOST_AUTO_TEST_CASE(one_of_a_hundred_thousand_is_found) {
  look();
  tab.shows("#rows-note", "rows 1 to 25, more follow");
  tab.click("#filter-prefix");
  tab.type("1077777");
  tab.shows("#rows-note", "rows 1 to 1, the end");
  BOOST_CHECK_EQUAL(first_row(), "1077777-1");
  // By what no index knows: the node is asked page by page.
  tab.evaluate("document.querySelector('#filters').reset();"
               "document.querySelector('#filter-state').value = 'failed';"
               "document.querySelector('#filters').requestSubmit()");
  tab.shows("#rows", "the needle in the haystack");
  tab.shows("#rows-note", "rows 1 to 1, the end");
  BOOST_CHECK_LE(elements(), 2000);
}

BOOST_AUTO_TEST_SUITE_END()
