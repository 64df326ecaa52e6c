#include "persistence/leveldb/leveldb_reservation_store.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <csignal>
#include <fstream>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "persistence/leveldb/key_layout.hpp"
#include "persistence/row_codec.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/persistence/raw_leveldb.hpp"

using namespace provision;
using namespace provision::test;

namespace leveldb_reservation_store_test {
namespace {

constexpr std::size_t all = 1000;
constexpr timestamp start = from_unix(1'700'000'000);

struct fixture {
  temporary_folder parent;
  std::string folder = parent.file("deep/store");

  auto open(const std::string& node = "node-1") {
    return open_leveldb_store(folder, node, start, {.journal_rows_max = 10});
  }
  std::unique_ptr<reservation_store> opened() {
    auto store = open();
    BOOST_REQUIRE_MESSAGE(store, store.error().message);
    return std::move(*store);
  }
  /// Three records: one pending, one with a deadline and a network, one plain.
  void fill() {
    auto timed = a_provisioned("2-1", 2, from_unix(100));
    timed.network = "net";
    transition_batch batch{
      .puts = {put_new(an_accepted("1-1", 1)), put_new(timed),
               put_new(a_provisioned("3-1", 7))},
      .gone = {{.id = "4-1", .version = 2}},
      .quarantine = {{.key = "5-1"}},
      .outbox = {{.id = "2-1", .body = "two"}, {.id = "3-1", .body = "three"}},
      .journal = {{.event = "accepted"}, {.event = "provisioned"}},
      .cursors = {{"explorer", 42}}};
    BOOST_REQUIRE(!opened()->apply(batch, durability::machine));
  }
};

void check_message(const error& what, errc code, const std::string& part) {
  BOOST_CHECK_EQUAL(to_string(what.code), to_string(code));
  BOOST_CHECK_MESSAGE(what.message.find(part) != std::string::npos,
                      what.message << " has no " << part);
}

} // namespace
} // namespace leveldb_reservation_store_test

BOOST_FIXTURE_TEST_SUITE(leveldb_reservation_store_test, fixture)

BOOST_AUTO_TEST_CASE(creates_a_missing_folder_for_the_owner_alone) {
  opened();
  struct stat about {};
  BOOST_REQUIRE_EQUAL(::stat(folder.c_str(), &about), 0);
  BOOST_CHECK_EQUAL(about.st_mode & 0777U, 0700U);
}

BOOST_AUTO_TEST_CASE(a_reopened_store_has_everything) {
  fill();
  const auto store = opened();
  const auto& found = store->recovery();
  BOOST_CHECK(!found.created);
  BOOST_CHECK(found.salvaged.empty());
  BOOST_CHECK_EQUAL(found.live_records, 3U);
  BOOST_CHECK_EQUAL(found.next_sequence, 8U);
  BOOST_CHECK(same(store->find("1-1").value().value(), an_accepted("1-1", 1)));
  BOOST_CHECK_EQUAL(ids_of(store->pending(0, all).value()), "1-1");
  BOOST_CHECK_EQUAL(ids_of(store->expired(start, all).value()), "2-1");
  BOOST_CHECK(store->network_exists("net").value());
  BOOST_CHECK(store->find_tombstone("4-1").value());
  BOOST_CHECK_EQUAL(store->quarantine("", all).value().size(), 1U);
  BOOST_CHECK_EQUAL(ids_of(store->outbox(0, all).value()), "2-1 3-1");
  BOOST_CHECK_EQUAL(store->journal(0, all).value().size(), 2U);
  BOOST_CHECK_EQUAL(store->cursor("explorer").value(), 42U);
  const auto counts = store->statistics().value();
  BOOST_CHECK_EQUAL(counts.outbox_rows, 2U);
  BOOST_CHECK_EQUAL(counts.tombstones, 1U);
}

BOOST_AUTO_TEST_CASE(row_numbers_go_on_after_a_restart) {
  fill();
  {
    const auto store = opened();
    auto refused = store->outbox(1, 1).value().front();
    transition_batch batch{.parked = {refused}};
    BOOST_REQUIRE(!store->apply(batch, durability::machine));
  }
  transition_batch batch{.outbox = {{.id = "9-1"}},
                         .journal = {{.event = "gone"}}};
  BOOST_REQUIRE(!opened()->apply(batch, durability::machine));
  BOOST_CHECK_EQUAL(batch.outbox[0].sequence, 3U);
  BOOST_CHECK_EQUAL(batch.journal[0].sequence, 3U);
}

BOOST_AUTO_TEST_CASE(the_journal_stays_bounded_across_restarts) {
  for (int round = 0; round < 3; ++round) {
    const auto store = opened();
    for (int n = 0; n < 4; ++n) {
      transition_batch batch{.journal = {{.event = "a"}, {.event = "b"}}};
      BOOST_REQUIRE(!store->apply(batch, durability::process));
    }
    const auto lines = store->journal(0, all).value();
    BOOST_CHECK_EQUAL(lines.size(), round == 0 ? 8U : 10U);
    BOOST_CHECK_EQUAL(lines.back().sequence, 8U * (round + 1U));
  }
}

BOOST_AUTO_TEST_CASE(a_damaged_state_row_is_set_aside_and_the_rest_stays) {
  fill();
  const auto key = keys::named(keys::kind::state, "2-1");
  raw_leveldb{folder}.damage(key);
  const auto damaged = raw_leveldb{folder}.get(key);
  {
    const auto store = opened();
    const auto& found = store->recovery();
    BOOST_REQUIRE_EQUAL(found.salvaged.size(), 1U);
    BOOST_CHECK_EQUAL(found.salvaged[0].key, "2-1");
    BOOST_CHECK(found.salvaged[0].since == start);
    check_message(found.salvaged[0].reason, errc::storage_corrupt,
                  "record 2-1: state row: checksum does not match");
    BOOST_CHECK_EQUAL(found.salvaged[0].received.text,
                      R"({"workload_id":2-1})");
    BOOST_CHECK_EQUAL(found.live_records, 2U);
    BOOST_CHECK(!store->find("2-1").value());
    BOOST_CHECK(store->find("1-1").value());
    BOOST_CHECK(store->find("3-1").value());
    BOOST_CHECK(!store->next_deadline().value());
    BOOST_CHECK(!store->network_exists("net").value());
    BOOST_CHECK_EQUAL(store->quarantine("", all).value().size(), 2U);
  }
  raw_leveldb rows{folder};
  BOOST_CHECK_EQUAL(rows.get("d/r/2-1"), damaged);
  BOOST_CHECK(!rows.has("r/2-1"));
  BOOST_CHECK(!rows.has("b/2-1"));
  BOOST_CHECK(!rows.has(keys::grouped(keys::kind::network, "net", "2-1")));
  BOOST_CHECK(!rows.has(keys::expiry(from_unix(100), "2-1")));
}

BOOST_AUTO_TEST_CASE(salvages_once) {
  fill();
  raw_leveldb{folder}.damage("r/2-1");
  BOOST_CHECK_EQUAL(opened()->recovery().salvaged.size(), 1U);
  BOOST_CHECK_EQUAL(opened()->recovery().salvaged.size(), 0U);
}

BOOST_AUTO_TEST_CASE(damaged_bytes_set_the_record_aside) {
  fill();
  raw_leveldb{folder}.damage("b/1-1");
  const auto store = opened();
  BOOST_REQUIRE_EQUAL(store->recovery().salvaged.size(), 1U);
  BOOST_CHECK_EQUAL(store->recovery().salvaged[0].source, "explorer");
  BOOST_CHECK_EQUAL(ids_of(store->pending(0, all).value()), "");
}

BOOST_AUTO_TEST_CASE(half_a_record_is_set_aside) {
  fill();
  {
    raw_leveldb rows{folder};
    rows.remove("b/1-1");
    rows.remove("r/3-1");
  }
  const auto store = opened();
  const auto& salvaged = store->recovery().salvaged;
  BOOST_REQUIRE_EQUAL(salvaged.size(), 2U);
  check_message(salvaged[0].reason, errc::storage_corrupt,
                "record 1-1: row of received bytes is missing");
  check_message(salvaged[1].reason, errc::storage_corrupt,
                "record 3-1: state row is missing");
  BOOST_CHECK_EQUAL(salvaged[1].received.text, R"({"workload_id":3-1})");
}

BOOST_AUTO_TEST_CASE(a_row_under_another_records_key_is_set_aside) {
  fill();
  {
    raw_leveldb rows{folder};
    rows.put("r/1-1", rows.get("r/3-1"));
  }
  const auto store = opened();
  BOOST_REQUIRE_EQUAL(store->recovery().salvaged.size(), 1U);
  check_message(store->recovery().salvaged[0].reason, errc::storage_corrupt,
                "belongs to 3-1");
}

BOOST_AUTO_TEST_CASE(a_damaged_outbox_row_does_not_hold_up_the_others) {
  fill();
  raw_leveldb{folder}.damage(keys::numbered(keys::kind::outbox, 1));
  const auto store = opened();
  BOOST_REQUIRE_EQUAL(store->recovery().salvaged.size(), 1U);
  BOOST_CHECK_EQUAL(store->recovery().salvaged[0].key, "outbox-1");
  BOOST_CHECK_EQUAL(ids_of(store->outbox(0, all).value()), "3-1");
  BOOST_CHECK_EQUAL(store->recovery().live_records, 3U);
}

BOOST_AUTO_TEST_CASE(a_damaged_cursor_begins_anew) {
  fill();
  raw_leveldb{folder}.damage(keys::cursor("explorer"));
  const auto store = opened();
  BOOST_REQUIRE_EQUAL(store->recovery().salvaged.size(), 1U);
  BOOST_CHECK_EQUAL(store->recovery().salvaged[0].key, "cursor-explorer");
  BOOST_CHECK_EQUAL(store->cursor("explorer").value(), 0U);
}

BOOST_AUTO_TEST_CASE(damaged_lines_and_tombstones_are_named) {
  fill();
  raw_leveldb{folder}.damage(keys::numbered(keys::kind::journal, 1));
  raw_leveldb{folder}.damage("t/4-1");
  raw_leveldb{folder}.damage("q/5-1");
  const auto store = opened();
  const auto lines = store->journal(0, all).value();
  BOOST_REQUIRE_EQUAL(lines.size(), 2U);
  BOOST_CHECK_EQUAL(lines[0].event, "damaged");
  BOOST_CHECK_EQUAL(lines[1].event, "provisioned");
  check_message(store->find_tombstone("4-1").error(), errc::storage_corrupt,
                "tombstone 4-1");
  const auto kept = store->quarantine("", all).value();
  BOOST_REQUIRE_EQUAL(kept.size(), 1U);
  BOOST_CHECK_EQUAL(kept[0].key, "5-1");
  BOOST_CHECK(kept[0].reason.code == errc::storage_corrupt);
}

BOOST_AUTO_TEST_CASE(a_second_instance_is_refused_with_the_holders_pid) {
  const auto store = opened();
  const auto second = open();
  BOOST_REQUIRE(!second);
  check_message(second.error(), errc::storage_locked,
                "store " + folder + " is in use by process "
                  + std::to_string(::getpid()) + " (");
}

BOOST_AUTO_TEST_CASE(a_killed_holder_does_not_keep_the_store) {
  std::array<int, 2> ready{};
  BOOST_REQUIRE_EQUAL(::pipe(ready.data()), 0);
  const auto child = ::fork();
  if (child == 0) {
    auto store = open();
    (void)!::write(ready[1], store ? "y" : "n", 1);
    ::pause();
    ::_exit(1);
  }
  char answer = 0;
  BOOST_REQUIRE_EQUAL(::read(ready[0], &answer, 1), 1);
  BOOST_CHECK_EQUAL(answer, 'y');
  check_message(open().error(), errc::storage_locked, std::to_string(child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  opened();
}

BOOST_AUTO_TEST_CASE(another_nodes_store_is_refused_naming_both) {
  fill();
  const auto store = open("node-2");
  BOOST_REQUIRE(!store);
  check_message(store.error(), errc::storage_foreign,
                "belongs to node node-1, this is node node-2");
}

BOOST_AUTO_TEST_CASE(a_newer_format_is_refused_naming_both) {
  fill();
  raw_leveldb{folder}.put("m/schema", encode_number(9));
  const auto store = open();
  BOOST_REQUIRE(!store);
  check_message(store.error(), errc::storage_too_new,
                "has format 9, this program knows up to 1");
}

BOOST_AUTO_TEST_CASE(a_database_that_is_no_store_is_refused) {
  fill();
  raw_leveldb{folder}.remove("m/schema");
  check_message(open().error(), errc::storage_corrupt, "m/schema");
}

BOOST_AUTO_TEST_CASE(a_lost_current_file_never_begins_an_empty_store) {
  fill();
  raw_leveldb{folder}.compact();
  std::filesystem::remove(folder + "/CURRENT");
  check_message(open().error(), errc::storage_corrupt,
                "file CURRENT is missing; remedy: provisiond fsck --repair "
                  + folder);
  BOOST_CHECK(!std::filesystem::exists(folder + "/CURRENT"));
}

BOOST_AUTO_TEST_CASE(a_first_start_cut_short_is_repeated) {
  std::filesystem::create_directories(folder);
  std::ofstream{folder + "/MANIFEST-000001"} << "half";
  BOOST_CHECK(opened()->recovery().created);
}

BOOST_AUTO_TEST_CASE(damaged_tables_are_reported_with_the_remedy) {
  fill();
  raw_leveldb{folder}.compact();
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().extension() == ".ldb") {
      std::fstream table{entry.path(),
                         std::ios::in | std::ios::out | std::ios::binary};
      table.seekp(20);
      table.write("XXXX", 4);
    }
  check_message(open().error(), errc::storage_corrupt,
                "remedy: provisiond fsck --repair " + folder);
}

BOOST_AUTO_TEST_CASE(a_path_that_is_no_folder_is_named) {
  std::ofstream{parent.file("deep")} << "a file";
  check_message(open().error(), errc::storage_failure,
                "cannot create store folder " + folder);
}

BOOST_AUTO_TEST_SUITE_END()
