#include "actors/indexed_store.hpp"

#include <boost/test/unit_test.hpp>

#include "actors/reservation_questions.hpp"
#include "persistence/memory/memory_reservation_store.hpp"
#include "tests/persistence/builders.hpp"

using namespace provision;
using namespace provision::test;

namespace indexed_store_test {
namespace {

record failed(std::string id, std::uint64_t sequence) {
  auto what = a_provisioned(std::move(id), sequence);
  what.state = record_state::failed;
  return what;
}

/// Counts how often everything is looked at.
class watched_store final : public forwarding_store {
public:
  watched_store(std::shared_ptr<memory_contents> contents, int& scans)
    : forwarding_store{std::make_unique<memory_reservation_store>(
      memory_reservation_store::failure_func{}, std::move(contents))},
      scans_{scans} {}

  expected<std::vector<record>> list(std::string_view prefix,
                                     std::string_view after,
                                     std::size_t count_max) override {
    ++scans_;
    return forwarding_store::list(prefix, after, count_max);
  }

private:
  int& scans_;
};

struct shelf {
  std::shared_ptr<memory_contents> contents
    = std::make_shared<memory_contents>();
  int scans = 0;
  indexed_store store{std::make_unique<watched_store>(contents, scans)};

  void learn() {
    BOOST_REQUIRE(!store.for_each([](const record_summary&) {}));
  }

  void put(record what) {
    transition_batch batch;
    batch.puts.push_back(put_new(std::move(what)));
    BOOST_REQUIRE(!store.apply(batch, durability::machine));
  }

  /// Ids of a page, then where the next begins.
  std::string page(list_records request) {
    const auto found = list_from(store, request);
    BOOST_REQUIRE(found);
    std::string text;
    for (const auto& row : found->rows)
      text += row.id + ' ';
    return text + '|' + found->next;
  }

  static list_records in(record_state state) {
    list_records request;
    request.state = state;
    return request;
  }
};

} // namespace
} // namespace indexed_store_test

BOOST_FIXTURE_TEST_SUITE(indexed_store_test, shelf)

BOOST_AUTO_TEST_CASE(finds_what_does_not_run_without_a_look_at_the_rest) {
  put(a_provisioned("1-1", 1));
  put(failed("2-1", 2));
  put(an_accepted("3-1", 3));
  learn();
  put(failed("4-1", 4));
  BOOST_CHECK_EQUAL(page(in(record_state::failed)), "2-1 4-1 |");
  BOOST_CHECK_EQUAL(page(in(record_state::accepted)), "3-1 |");
  BOOST_CHECK_EQUAL(page(in(record_state::rejected)), "|");
  BOOST_CHECK_EQUAL(scans, 0);
  BOOST_CHECK_EQUAL(page(in(record_state::provisioned)), "1-1 |");
  BOOST_CHECK_EQUAL(scans, 1);
}

BOOST_AUTO_TEST_CASE(follows_a_record_from_state_to_state) {
  learn();
  put(an_accepted("1-1", 1));
  put(failed("1-1", 1));
  BOOST_CHECK_EQUAL(page(in(record_state::accepted)), "|");
  BOOST_CHECK_EQUAL(page(in(record_state::failed)), "1-1 |");
  put(a_provisioned("1-1", 1));
  BOOST_CHECK_EQUAL(page(in(record_state::failed)), "|");
  put(failed("1-1", 1));
  transition_batch removal;
  removal.gone.push_back({.id = "1-1"});
  BOOST_REQUIRE(!store.apply(removal, durability::machine));
  BOOST_CHECK_EQUAL(page(in(record_state::failed)), "|");
}

BOOST_AUTO_TEST_CASE(pages_and_the_other_filters_are_as_without_it) {
  for (const auto* id : {"1-1", "20-1", "21-1", "22-1", "3-1"})
    put(failed(id, 1));
  // Before it has learnt what there is, everything is looked at.
  auto request = in(record_state::failed);
  request.prefix = "2";
  request.count_max = 2;
  const auto first = page(request);
  BOOST_CHECK_EQUAL(first, "20-1 21-1 |21-1");
  BOOST_CHECK_EQUAL(scans, 1);
  learn();
  BOOST_CHECK_EQUAL(page(request), first);
  request.after = "21-1";
  BOOST_CHECK_EQUAL(page(request), "22-1 |");
  request.after = "";
  request.user = "8";
  // Nobody of that name has any.
  BOOST_CHECK_EQUAL(page(request), "|");
  request.user = "7";
  request.type = "zdb";
  BOOST_CHECK_EQUAL(page(request), "|");
  BOOST_CHECK_EQUAL(scans, 1);
}

BOOST_AUTO_TEST_CASE(a_write_that_failed_changes_nothing) {
  error disk{errc::disk_full, "full"};
  indexed_store full{std::make_unique<memory_reservation_store>(
    [&disk] { return disk; }, contents)};
  BOOST_REQUIRE(!full.for_each([](const record_summary&) {}));
  transition_batch batch;
  batch.puts.push_back(put_new(failed("1-1", 1)));
  BOOST_CHECK(full.apply(batch, durability::machine).code == errc::disk_full);
  BOOST_CHECK(full.ids_in(record_state::failed, "", "", 10)->empty());
}

BOOST_AUTO_TEST_SUITE_END()
