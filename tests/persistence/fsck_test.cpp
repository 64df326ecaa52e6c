#include "persistence/leveldb/fsck.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

#include "persistence/leveldb/key_layout.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "persistence/row_codec.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/persistence/raw_leveldb.hpp"

using namespace provision;
using namespace provision::test;

namespace fsck_test {
namespace {

struct fixture {
  temporary_folder parent;
  std::string folder = parent.file("store");

  auto open() { return open_leveldb_store(folder, "node-1", from_unix(1)); }

  void fill(int records = 3, durability demanded = durability::machine) {
    auto store = open().value();
    for (int n = 1; n <= records; ++n) {
      auto timed = a_provisioned(std::to_string(n) + "-1", n, from_unix(n));
      timed.network = "net";
      transition_batch batch{.puts = {put_new(timed)},
                             .gone = {{.id = std::to_string(n) + "-2"}},
                             .outbox = {{.id = "1-1"}},
                             .journal = {{.event = "accepted"}},
                             .cursors = {{"explorer", 1}}};
      BOOST_REQUIRE(!store->apply(batch, demanded));
    }
  }
  fsck_report check(bool repair) {
    auto report = fsck(folder, repair, from_unix(9));
    BOOST_REQUIRE_MESSAGE(report, report.error().message);
    return *report;
  }
  std::string kinds(const fsck_report& report) {
    std::string text;
    for (const auto& problem : report.problems)
      text += (text.empty() ? "" : " ") + problem.kind;
    return text;
  }
};

} // namespace
} // namespace fsck_test

BOOST_FIXTURE_TEST_SUITE(fsck_test, fixture)

BOOST_AUTO_TEST_CASE(a_sound_store_has_no_problems) {
  fill();
  const auto report = check(/*repair=*/false);
  BOOST_CHECK_EQUAL(kinds(report), "");
  BOOST_CHECK(report.clean());
  BOOST_CHECK_EQUAL(report.rows.at('r'), 3U);
  BOOST_CHECK_EQUAL(report.rows.at('x'), 3U);
}

BOOST_AUTO_TEST_CASE(lists_damaged_rows_and_leaves_them_without_repair) {
  fill();
  {
    raw_leveldb rows{folder};
    rows.damage("r/1-1");
    rows.damage("t/1-2");
    rows.damage(keys::numbered(keys::kind::outbox, 1));
    rows.damage(keys::numbered(keys::kind::journal, 2));
    rows.damage(keys::cursor("explorer"));
    rows.put("z/foreign", "?");
  }
  const std::string expected_kinds
    = "record record journal meta outbox tombstone unknown";
  BOOST_CHECK_EQUAL(kinds(check(false)), expected_kinds);
  BOOST_CHECK_EQUAL(kinds(check(false)), expected_kinds);
  BOOST_CHECK(!check(false).clean());
  BOOST_CHECK(raw_leveldb{folder}.has("r/1-1"));
}

BOOST_AUTO_TEST_CASE(repair_moves_damaged_rows_aside) {
  fill();
  std::string damaged;
  {
    raw_leveldb rows{folder};
    rows.damage("r/1-1");
    rows.damage("t/1-2");
    rows.damage(keys::numbered(keys::kind::journal, 2));
    damaged = rows.get("t/1-2");
  }
  const auto report = check(/*repair=*/true);
  BOOST_CHECK(report.clean());
  BOOST_CHECK_EQUAL(kinds(check(false)), "");
  BOOST_CHECK_EQUAL(raw_leveldb{folder}.get("d/t/1-2"), damaged);
  const auto store = open().value();
  BOOST_CHECK(store->recovery().salvaged.empty());
  BOOST_CHECK_EQUAL(store->recovery().live_records, 2U);
  const auto notices = store->quarantine("", 10).value();
  BOOST_REQUIRE_EQUAL(notices.size(), 3U);
  BOOST_CHECK_EQUAL(notices[0].key, "1-1");
  BOOST_CHECK_EQUAL(notices[0].received.text, R"({"workload_id":1-1})");
  BOOST_CHECK(notices[0].since == from_unix(9));
}

BOOST_AUTO_TEST_CASE(repair_puts_the_indexes_right) {
  fill();
  {
    raw_leveldb rows{folder};
    rows.remove(keys::expiry(from_unix(1), "1-1"));
    rows.remove(keys::grouped(keys::kind::network, "net", "2-1"));
    rows.put(keys::expiry(from_unix(77), "2-1"), "");
    rows.put(keys::numbered(keys::kind::work, 50), "no-such");
  }
  BOOST_CHECK_EQUAL(kinds(check(false)), "index index index index");
  BOOST_CHECK(check(true).clean());
  BOOST_CHECK_EQUAL(kinds(check(false)), "");
  const auto store = open().value();
  BOOST_CHECK_EQUAL(ids_of(store->expired(from_unix(50), 10).value()),
                    "1-1 2-1 3-1");
}

BOOST_AUTO_TEST_CASE(repair_rebuilds_damaged_tables) {
  fill(200, durability::process);
  raw_leveldb{folder}.compact();
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().extension() == ".ldb") {
      std::fstream table{entry.path(),
                         std::ios::in | std::ios::out | std::ios::binary};
      table.seekp(static_cast<std::streamoff>(entry.file_size() / 2));
      table.write("XXXX", 4);
    }
  BOOST_REQUIRE(!open());
  BOOST_CHECK_EQUAL(kinds(check(false)), "database");
  const auto report = check(true);
  BOOST_CHECK(report.rebuilt);
  BOOST_CHECK(report.clean());
  const auto store = open();
  BOOST_REQUIRE_MESSAGE(store, store.error().message);
  // One record was hit, and is set aside.
  BOOST_CHECK_GE((*store)->recovery().live_records, 199U);
}

BOOST_AUTO_TEST_CASE(repair_rebuilds_a_store_without_its_current_file) {
  fill();
  raw_leveldb{folder}.compact();
  std::filesystem::remove(folder + "/CURRENT");
  BOOST_CHECK_EQUAL(kinds(check(false)), "database");
  BOOST_CHECK(check(true).clean());
  BOOST_CHECK_EQUAL(open().value()->recovery().live_records, 3U);
}

BOOST_AUTO_TEST_CASE(a_record_older_than_its_tombstone_is_moved_aside) {
  fill();
  const auto state = raw_leveldb{folder}.get("r/1-1");
  const auto bytes = raw_leveldb{folder}.get("b/1-1");
  {
    auto store = open().value();
    transition_batch batch{
      .gone = {{.id = "1-1", .version = 2, .gone_at = end_of_time}}};
    BOOST_REQUIRE(!store->apply(batch, durability::machine));
  }
  {
    raw_leveldb rows{folder};
    rows.put("r/1-1", state);
    rows.put("b/1-1", bytes);
  }
  const auto report = check(true);
  BOOST_CHECK_EQUAL(kinds(report), "record record");
  BOOST_CHECK_EQUAL(open().value()->recovery().live_records, 2U);
}

BOOST_AUTO_TEST_CASE(repairs_the_rows_about_the_store) {
  fill();
  {
    raw_leveldb rows{folder};
    rows.damage("m/node");
    rows.remove("m/schema");
  }
  BOOST_CHECK(!open());
  BOOST_CHECK_EQUAL(kinds(check(false)), "meta meta");
  BOOST_CHECK(check(true).clean());
  BOOST_CHECK(open());
}

BOOST_AUTO_TEST_CASE(keeps_away_from_a_store_in_use_or_too_new) {
  fill();
  {
    const auto store = open().value();
    BOOST_CHECK(fsck(folder, false).error().code == errc::storage_locked);
  }
  raw_leveldb{folder}.put("m/schema", encode_number(9));
  BOOST_CHECK(fsck(folder, true).error().code == errc::storage_too_new);
}

BOOST_AUTO_TEST_CASE(names_a_folder_without_a_store) {
  const auto missing = parent.file("missing");
  const auto report = fsck(missing, true);
  BOOST_REQUIRE(!report);
  BOOST_CHECK(report.error().code == errc::storage_failure);
  BOOST_CHECK_NE(report.error().message.find(missing), std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
