#include "persistence/leveldb/list_index.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

#include "persistence/leveldb/fsck.hpp"
#include "persistence/leveldb/key_layout.hpp"
#include "persistence/row_codec.hpp"
#include "persistence/store_archive.hpp"
#include "tests/persistence/both_stores.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/persistence/raw_leveldb.hpp"

using namespace provision;
using namespace provision::test;

namespace list_index_test {
namespace {

constexpr std::size_t all = 1000;

record of(std::string user, std::string type, std::string id,
          std::uint64_t sequence = 1) {
  auto what = a_provisioned(std::move(id), sequence);
  what.user_id = std::move(user);
  what.type.name = std::move(type);
  return what;
}

std::string joined(const std::vector<std::string>& ids) {
  std::string text;
  for (const auto& id : ids)
    text += (text.empty() ? "" : " ") + id;
  return text;
}

/// "?" if the store has no such list.
std::string ids_in(reservation_store& store, listed_by what,
                   std::string_view value,
                   const id_range& range = {.count_max = all}) {
  const auto ids = store.ids_of(what, value, range).value();
  return ids ? joined(*ids) : "?";
}
std::string users(reservation_store& store, std::string_view user) {
  return ids_in(store, listed_by::user, user);
}
std::string types(reservation_store& store, std::string_view type) {
  return ids_in(store, listed_by::type, type);
}

/// A store in a folder, its rows at hand behind its back.
struct fixture {
  temporary_folder parent;
  std::string folder = parent.file("store");

  std::unique_ptr<reservation_store> opened() {
    auto store = open_leveldb_store(folder, "node-1", from_unix(1));
    BOOST_REQUIRE_MESSAGE(store, store.error().message);
    BOOST_CHECK(!(*store)->recovery().unlisted);
    return std::move(*store);
  }
  /// As the node does it: with a line of the journal.
  void put(record what) {
    transition_batch batch{.puts = {put_new(std::move(what))},
                           .journal = {{.event = "accepted"}}};
    BOOST_REQUIRE(!opened()->apply(batch, durability::machine));
  }
  void remove(std::string id) {
    transition_batch batch{.gone = {{.id = std::move(id)}},
                           .journal = {{.event = "gone"}}};
    BOOST_REQUIRE(!opened()->apply(batch, durability::machine));
  }
  void fill() {
    put(of("7", "volume", "1-1", 1));
    put(of("8", "volume", "2-1", 2));
    put(of("7", "zdb", "3-1", 3));
  }
  /// What is left when a program that knows no such rows did all this.
  void forget_lists() {
    raw_leveldb rows{folder};
    for (const auto* key : {"u/7/1-1", "u/8/2-1", "u/7/3-1", "y/volume/1-1",
                            "y/volume/2-1", "y/zdb/3-1"}) {
      BOOST_REQUIRE(rows.has(key));
      rows.remove(key);
    }
    rows.remove("m/listed");
  }
  std::string problems(bool repair) {
    std::string text;
    const auto report = fsck(folder, repair, from_unix(9)).value();
    for (const auto& one : report.problems)
      text += (text.empty() ? "" : ", ") + one.kind + ' ' + one.row;
    return text;
  }
};

} // namespace
} // namespace list_index_test

BOOST_FIXTURE_TEST_SUITE(list_index_test, fixture)

// -- every store --------------------------------------------------------------

BOOST_AUTO_TEST_CASE_TEMPLATE(lists_the_records_of_a_user_and_of_a_type_by_id,
                              Rig, stores) {
  Rig rig;
  rig.put(put_new(of("7", "volume", "20-1")));
  rig.put(put_new(of("8", "volume", "3-1")));
  rig.put(put_new(of("7", "zdb", "1-1")));
  BOOST_CHECK_EQUAL(users(rig.store(), "7"), "1-1 20-1");
  BOOST_CHECK_EQUAL(users(rig.store(), "8"), "3-1");
  BOOST_CHECK_EQUAL(users(rig.store(), "9"), "");
  BOOST_CHECK_EQUAL(types(rig.store(), "volume"), "20-1 3-1");
  BOOST_CHECK_EQUAL(types(rig.store(), "zdb"), "1-1");
  BOOST_CHECK_EQUAL(types(rig.store(), "vol"), "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_list_is_read_page_after_page, Rig, stores) {
  Rig rig;
  for (const auto* id : {"1-1", "20-1", "21-1", "22-1", "3-1"})
    rig.put(put_new(of("7", "volume", id)));
  const auto page = [&](const id_range& range) {
    return ids_in(rig.store(), listed_by::user, "7", range);
  };
  BOOST_CHECK_EQUAL(page({.count_max = 2}), "1-1 20-1");
  BOOST_CHECK_EQUAL(page({.after = "20-1", .count_max = 2}), "21-1 22-1");
  BOOST_CHECK_EQUAL(page({.after = "22-1", .count_max = 2}), "3-1");
  BOOST_CHECK_EQUAL(page({.after = "3-1", .count_max = 2}), "");
  BOOST_CHECK_EQUAL(page({.prefix = "2", .count_max = all}), "20-1 21-1 22-1");
  BOOST_CHECK_EQUAL(page({.prefix = "2", .after = "20", .count_max = 1}),
                    "20-1");
  BOOST_CHECK_EQUAL(page({.prefix = "2", .after = "20-1", .count_max = all}),
                    "21-1 22-1");
  BOOST_CHECK_EQUAL(page({.prefix = "2", .after = "1-1", .count_max = 1}),
                    "20-1");
  BOOST_CHECK_EQUAL(page({.prefix = "2", .after = "3-1", .count_max = all}),
                    "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_record_is_listed_for_as_long_as_it_lives, Rig,
                              stores) {
  Rig rig;
  auto what = an_accepted("1-1", 1);
  rig.put(put_new(what));
  for (const auto state : {record_state::provisioned, record_state::removing,
                           record_state::failed}) {
    what.state = state;
    ++what.sequence;
    rig.put(put_again(what));
    BOOST_CHECK_EQUAL(users(rig.store(), "7"), "1-1");
    BOOST_CHECK_EQUAL(types(rig.store(), "volume"), "1-1");
  }
  BOOST_REQUIRE(!rig.apply({.gone = {{.id = "1-1"}}}));
  BOOST_CHECK_EQUAL(users(rig.store(), "7"), "");
  BOOST_CHECK_EQUAL(types(rig.store(), "volume"), "");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_takes_an_ids_place_is_listed_instead, Rig,
                              stores) {
  Rig rig;
  rig.put(put_new(of("7", "volume", "1-1")));
  rig.put(put_new(of("8", "zdb", "1-1")));
  BOOST_CHECK_EQUAL(users(rig.store(), "7"), "");
  BOOST_CHECK_EQUAL(types(rig.store(), "volume"), "");
  BOOST_CHECK_EQUAL(users(rig.store(), "8"), "1-1");
  BOOST_REQUIRE(!rig.apply(
    {.puts = {put_new(of("9", "zdb", "1-1"))}, .gone = {{.id = "1-1"}}}));
  BOOST_CHECK_EQUAL(users(rig.store(), "8"), "");
  BOOST_CHECK_EQUAL(users(rig.store(), "9"), "1-1");
  BOOST_CHECK_EQUAL(types(rig.store(), "zdb"), "1-1");
}

BOOST_AUTO_TEST_CASE_TEMPLATE(users_whose_names_begin_alike_are_apart, Rig,
                              stores) {
  Rig rig;
  rig.put(put_new(of("7", "volume", "1-1")));
  rig.put(put_new(of("7/8", "volume", "2-1")));
  rig.put(put_new(of("78", "volume", "3-1")));
  rig.put(put_new(of("", "volume", "4-1")));
  BOOST_CHECK_EQUAL(users(rig.store(), "7"), "1-1");
  BOOST_CHECK_EQUAL(users(rig.store(), "7/8"), "2-1");
  BOOST_CHECK_EQUAL(users(rig.store(), "78"), "3-1");
}

// -- stores that other programs wrote -----------------------------------------

BOOST_AUTO_TEST_CASE(an_older_programs_store_is_completed_at_its_opening) {
  fill();
  forget_lists();
  const auto store = opened();
  BOOST_CHECK_EQUAL(users(*store, "7"), "1-1 3-1");
  BOOST_CHECK_EQUAL(types(*store, "volume"), "1-1 2-1");
}

BOOST_AUTO_TEST_CASE(an_older_program_in_between_is_noticed) {
  fill();
  const auto listed = raw_leveldb{folder}.get("m/listed");
  put(of("8", "zdb", "4-1", 4));
  remove("1-1");
  {
    // It writes none of these rows, and knows not of those that are there.
    raw_leveldb rows{folder};
    rows.remove("u/8/4-1");
    rows.remove("y/zdb/4-1");
    rows.put("u/7/1-1", "");
    rows.put("y/volume/1-1", "");
    rows.put("m/listed", listed);
  }
  const auto store = opened();
  BOOST_CHECK_EQUAL(users(*store, "7"), "3-1");
  BOOST_CHECK_EQUAL(users(*store, "8"), "2-1 4-1");
  BOOST_CHECK_EQUAL(types(*store, "volume"), "2-1");
  BOOST_CHECK_EQUAL(types(*store, "zdb"), "3-1 4-1");
}

BOOST_AUTO_TEST_CASE(complete_lists_are_not_read_at_the_start) {
  fill();
  raw_leveldb{folder}.remove("u/7/1-1");
  // Nothing says so but a look at every row, which fsck takes.
  BOOST_CHECK_EQUAL(users(*opened(), "7"), "3-1");
  BOOST_CHECK_EQUAL(problems(/*repair=*/true), "index u/7/1-1");
  BOOST_CHECK_EQUAL(users(*opened(), "7"), "1-1 3-1");
}

BOOST_AUTO_TEST_CASE(lists_that_were_cut_short_are_begun_anew) {
  fill();
  {
    raw_leveldb rows{folder};
    rows.remove("m/listed");
    rows.remove("y/zdb/3-1");
    rows.put("u/9/1-1", "");
  }
  const auto store = opened();
  BOOST_CHECK_EQUAL(types(*store, "zdb"), "3-1");
  BOOST_CHECK_EQUAL(users(*store, "9"), "");
}

BOOST_AUTO_TEST_CASE(more_records_than_fit_one_batch_are_listed_too) {
  constexpr int count = 20'000;
  {
    const auto store = opened();
    transition_batch batch{.journal = {{.event = "accepted"}}};
    for (int n = 1; n <= count; ++n) {
      auto what = of("user-" + std::to_string(n % 7), "volume",
                     std::to_string(n) + "-1", static_cast<std::uint64_t>(n));
      batch.puts.push_back(put_new(std::move(what)));
    }
    BOOST_REQUIRE(!store->apply(batch, durability::process));
  }
  raw_leveldb{folder}.remove("m/listed");
  const auto store = opened();
  std::size_t listed = 0;
  for (int n = 0; n < 7; ++n)
    listed += store
                ->ids_of(listed_by::user, "user-" + std::to_string(n),
                         {.count_max = count})
                .value()
                ->size();
  BOOST_CHECK_EQUAL(listed, static_cast<std::size_t>(count));
}

BOOST_AUTO_TEST_CASE(a_line_that_was_added_for_a_damaged_journal_costs_a_look) {
  fill();
  raw_leveldb{folder}.damage("m/journal");
  raw_leveldb{folder}.remove("u/7/1-1");
  BOOST_CHECK_EQUAL(users(*opened(), "7"), "1-1 3-1");
}

// -- fsck, archives -----------------------------------------------------------

BOOST_AUTO_TEST_CASE(fsck_lists_and_repairs_stale_and_missing_rows) {
  fill();
  {
    raw_leveldb rows{folder};
    rows.remove("u/8/2-1");
    rows.remove("y/zdb/3-1");
    rows.put("u/9/1-1", "");
    rows.put("y/volume/77-1", "");
  }
  const std::string found = "index u/9/1-1, index y/volume/77-1, "
                            "index u/8/2-1, index y/zdb/3-1";
  BOOST_CHECK_EQUAL(problems(/*repair=*/false), found);
  BOOST_CHECK_EQUAL(problems(/*repair=*/true), found);
  BOOST_CHECK_EQUAL(problems(/*repair=*/false), "");
  const auto store = opened();
  BOOST_CHECK_EQUAL(users(*store, "8"), "2-1");
  BOOST_CHECK_EQUAL(users(*store, "9"), "");
  BOOST_CHECK_EQUAL(types(*store, "zdb"), "3-1");
  BOOST_CHECK_EQUAL(types(*store, "volume"), "1-1 2-1");
}

BOOST_AUTO_TEST_CASE(fsck_finds_nothing_missing_that_the_next_start_makes) {
  fill();
  forget_lists();
  BOOST_CHECK_EQUAL(problems(/*repair=*/false), "");
  BOOST_CHECK_EQUAL(problems(/*repair=*/true), "");
  BOOST_CHECK_EQUAL(users(*opened(), "7"), "1-1 3-1");
}

BOOST_AUTO_TEST_CASE(a_damaged_mark_makes_the_lists_anew) {
  fill();
  raw_leveldb{folder}.damage("m/listed");
  raw_leveldb{folder}.remove("u/7/1-1");
  BOOST_CHECK_EQUAL(problems(/*repair=*/false), "meta m/listed");
  BOOST_CHECK_EQUAL(users(*opened(), "7"), "1-1 3-1");
  BOOST_CHECK_EQUAL(problems(/*repair=*/false), "");
}

BOOST_AUTO_TEST_CASE(a_record_that_is_set_aside_leaves_its_lists) {
  fill();
  raw_leveldb{folder}.damage("r/1-1");
  const auto store = opened();
  BOOST_CHECK_EQUAL(users(*store, "7"), "3-1");
  BOOST_CHECK_EQUAL(types(*store, "volume"), "2-1");
}

BOOST_AUTO_TEST_CASE(an_archive_holds_no_lists_and_its_store_makes_them) {
  fill();
  std::stringstream file;
  BOOST_REQUIRE(write_archive(folder, file));
  for (const auto* key : {"u/7/1-1", "y/volume/1-1", "m/listed"})
    BOOST_CHECK(file.str().find(key) == std::string::npos);
  folder = parent.file("elsewhere");
  const auto made = read_archive(file, folder);
  BOOST_REQUIRE_MESSAGE(made, made.error().message);
  BOOST_CHECK_EQUAL(users(*opened(), "7"), "1-1 3-1");
}

BOOST_AUTO_TEST_SUITE_END()
