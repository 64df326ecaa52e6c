#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>
#include <string>

#include "actors/indexed_store.hpp"
#include "actors/reservation_questions.hpp"
#include "control/api.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/persistence/raw_leveldb.hpp"

using namespace provision;
using namespace provision::test;

namespace reservation_lists_test {
namespace {

/// Counts the records that are read.
class counting_store final : public forwarding_store {
public:
  counting_store(std::unique_ptr<reservation_store> inner, std::size_t& reads)
    : forwarding_store{std::move(inner)}, reads_{reads} {}

  expected<std::optional<record>> find_state(std::string_view id) override {
    ++reads_;
    return forwarding_store::find_state(id);
  }
  expected<std::vector<record>> list(std::string_view prefix,
                                     std::string_view after,
                                     std::size_t count_max) override {
    auto rows = forwarding_store::list(prefix, after, count_max);
    reads_ += rows->size();
    return rows;
  }

private:
  std::size_t& reads_;
};

/// A node's store with 2,000 records: user 7 has all but those of user 9, three
/// volumes and a zdb; two records of each have failed.
struct many_records {
  temporary_folder parent;
  std::string folder = parent.file("store");
  std::size_t reads = 0;
  std::unique_ptr<indexed_store> store;

  many_records() {
    open();
    transition_batch batch{.journal = {{.event = "accepted"}}};
    for (std::uint64_t n = 1000; n < 3000; ++n) {
      auto what = a_provisioned(std::to_string(n) + "-1", n);
      const bool is_rare = n == 1500 || n == 1600 || n == 2900 || n == 2950;
      what.user_id = is_rare ? "9" : "7";
      if (n == 2900)
        what.type = reservation_types::zdb;
      if (n == 1600 || n == 2900 || n == 1001 || n == 1002)
        what.state = record_state::failed;
      batch.puts.push_back(put_new(std::move(what)));
    }
    BOOST_REQUIRE(!store->apply(batch, durability::process));
  }

  void open() {
    store.reset();
    auto opened = open_leveldb_store(folder, "node-1", from_unix(1));
    BOOST_REQUIRE(opened);
    store = std::make_unique<indexed_store>(
      std::make_unique<counting_store>(std::move(*opened), reads));
    BOOST_REQUIRE(!store->for_each([](const record_summary&) {}));
  }

  /// Ids of a page, then where the next one begins.
  std::string page(const std::string& query) {
    reads = 0;
    const auto target = parse_request_target("/v1/reservations?" + query);
    BOOST_REQUIRE(target);
    const auto found = list_from(*store, list_request(*target).value());
    BOOST_REQUIRE_MESSAGE(found, found.error().message);
    return ids_of(found->rows) + '|' + found->next;
  }
};

} // namespace
} // namespace reservation_lists_test

BOOST_FIXTURE_TEST_SUITE(reservation_lists_test, many_records)

BOOST_AUTO_TEST_CASE(a_rare_user_is_found_without_a_look_at_the_others) {
  BOOST_CHECK_EQUAL(page("user=9"), "1500-1 1600-1 2900-1 2950-1|");
  BOOST_CHECK_EQUAL(reads, 4U);
  BOOST_CHECK_EQUAL(page("user=8"), "|");
  BOOST_CHECK_EQUAL(reads, 0U);
}

BOOST_AUTO_TEST_CASE(a_rare_type_is_found_without_a_look_at_the_others) {
  BOOST_CHECK_EQUAL(page("type=zdb"), "2900-1|");
  BOOST_CHECK_EQUAL(reads, 1U);
}

BOOST_AUTO_TEST_CASE(of_several_filters_the_one_that_leaves_least_is_followed) {
  for (const auto* query :
       {"type=zdb&user=9", "user=9&type=zdb&state=failed",
        "type=zdb&state=failed&prefix=2", "type=zdb&user=9&limit=1000"}) {
    BOOST_CHECK_EQUAL(page(query), "2900-1|");
    BOOST_CHECK_LE(reads, 1U);
  }
  BOOST_CHECK_EQUAL(page("user=7&state=failed"), "1001-1 1002-1|");
  BOOST_CHECK_EQUAL(reads, 4U);
  BOOST_CHECK_EQUAL(page("user=9&type=volume&state=provisioned"),
                    "1500-1 2950-1|");
  BOOST_CHECK_EQUAL(reads, 4U);
  BOOST_CHECK_EQUAL(page("user=9&prefix=29"), "2900-1 2950-1|");
  BOOST_CHECK_EQUAL(reads, 2U);
  BOOST_CHECK_EQUAL(page("user=7&type=zdb"), "|");
  BOOST_CHECK_EQUAL(reads, 1U);
}

BOOST_AUTO_TEST_CASE(pages_follow_each_other_by_id) {
  BOOST_CHECK_EQUAL(page("user=9&limit=2"), "1500-1 1600-1|1600-1");
  BOOST_CHECK_EQUAL(page("user=9&limit=2&after=1600-1"),
                    "2900-1 2950-1|2950-1");
  BOOST_CHECK_EQUAL(page("user=9&limit=2&after=2950-1"), "|");
  BOOST_CHECK_EQUAL(page("user=7&limit=2&after=1499-1"),
                    "1501-1 1502-1|1502-1");
  BOOST_CHECK_EQUAL(reads, 2U);
  std::string after;
  std::size_t found = 0;
  do {
    const auto text = page("user=7&type=volume&limit=300&after=" + after);
    const auto cut = text.find('|');
    found += static_cast<std::size_t>(
               std::count(text.begin(), text.begin() + cut, ' '))
             + (cut > 0 ? 1 : 0);
    after = text.substr(cut + 1);
  } while (!after.empty());
  BOOST_CHECK_EQUAL(found, 1996U);
}

BOOST_AUTO_TEST_CASE(a_page_goes_on_behind_rows_that_mean_nothing_any_more) {
  store.reset();
  {
    raw_leveldb rows{folder};
    rows.put("u/9/0-1", "");
    // Is there, and is another's.
    rows.put("u/9/1400-1", "");
    rows.put("u/9/1700-1", "");
    rows.put("y/zdb/9-9", "");
  }
  open();
  BOOST_CHECK_EQUAL(page("user=9&limit=1"), "|0-1");
  BOOST_CHECK_EQUAL(page("user=9&limit=1&after=0-1"), "|1400-1");
  BOOST_CHECK_EQUAL(page("user=9"), "1500-1 1600-1 2900-1 2950-1|");
  BOOST_CHECK_EQUAL(page("type=zdb&limit=2"), "2900-1|9-9");
}

BOOST_AUTO_TEST_SUITE_END()
