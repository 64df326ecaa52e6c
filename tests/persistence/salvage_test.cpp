#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>

#include "persistence/crc32c.hpp"
#include "persistence/leveldb/fsck.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "persistence/leveldb/salvage/checksum.hpp"
#include "persistence/leveldb/salvage/log_reader.hpp"
#include "persistence/leveldb/salvage/table_reader.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/persistence/raw_leveldb.hpp"

using namespace provision;
using namespace provision::test;

namespace salvage_test {
namespace {

namespace fs = std::filesystem;

using rows_read = std::map<std::string, std::string>;
using reader = void (*)(std::string, const salvage::findings&);

std::string bytes_of(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream{path, std::ios::binary} << bytes;
}

/// Key, number and value of every change, sound ones and others alike.
rows_read rows_of(reader read, const std::string& bytes) {
  rows_read rows;
  read(bytes, {.take =
                 [&](const salvage::row& row) {
                   rows[row.key + "@" + std::to_string(row.sequence)]
                     = (row.is_deletion ? "-" : "+") + std::string{row.value};
                 },
               .tell = [](const std::string&) {}});
  return rows;
}

std::size_t lost_of(const rows_read& all, const rows_read& found) {
  std::size_t lost = 0;
  for (const auto& [key, value] : all) {
    const auto at = found.find(key);
    lost += at == found.end() || at->second != value ? 1 : 0;
  }
  return lost;
}

struct fixture {
  temporary_folder parent;
  std::string folder = parent.file("store");

  void fill(int records) {
    auto store = open_leveldb_store(folder, "node-1", from_unix(1)).value();
    for (int n = 1; n <= records; ++n) {
      transition_batch batch{
        .puts = {put_new(a_provisioned(std::to_string(n) + "-1",
                                       static_cast<std::uint64_t>(n)))},
        .gone = {{.id = std::to_string(n) + "-2"}},
        .outbox = {{.id = std::to_string(n) + "-1"}},
        .cursors = {{"explorer", 1}}};
      BOOST_REQUIRE(!store->apply(batch, durability::machine));
    }
  }

  /// The largest file with this ending.
  fs::path file(const std::string& ending) const {
    fs::path largest;
    for (const auto& entry : fs::directory_iterator{folder})
      if (entry.path().extension() == ending
          && (largest.empty() || entry.file_size() > fs::file_size(largest)))
        largest = entry.path();
    BOOST_REQUIRE(!largest.empty());
    return largest;
  }

  static void flip_every_bit(reader read, const std::string& bytes) {
    const auto all = rows_of(read, bytes);
    BOOST_REQUIRE_GE(all.size(), 30U);
    std::size_t changed = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      auto bent = bytes;
      bent[at] = static_cast<char>(bent[at] ^ (1 << (at % 8)));
      const auto lost = lost_of(all, rows_of(read, bent));
      changed += lost > 0 ? 1 : 0;
      BOOST_CHECK_MESSAGE(lost == 0, lost << " rows lost by byte " << at);
    }
    BOOST_CHECK_EQUAL(changed, 0U);
  }
};

} // namespace
} // namespace salvage_test

BOOST_FIXTURE_TEST_SUITE(salvage_test, fixture)

BOOST_AUTO_TEST_CASE(tells_which_byte_is_wrong) {
  std::mt19937 random{7};
  for (int n = 0; n < 200; ++n) {
    std::string bytes;
    for (auto size = 1 + random() % 5000; bytes.size() < size;)
      bytes += static_cast<char>(random());
    const auto crc = crc32c(bytes);
    const auto at = random() % bytes.size();
    const auto bit = 1U << (random() % 8U);
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ bit);
    const auto found = salvage::find_wrong_byte(bytes, crc);
    BOOST_REQUIRE(found);
    BOOST_CHECK_EQUAL(found->at, at);
    BOOST_CHECK_EQUAL(found->bits, bit);
  }
}

BOOST_AUTO_TEST_CASE(no_flipped_bit_in_a_table_costs_a_row) {
  fill(12);
  raw_leveldb{folder}.compact();
  flip_every_bit(salvage::read_table, bytes_of(file(".ldb")));
}

BOOST_AUTO_TEST_CASE(no_flipped_bit_in_a_log_costs_a_row) {
  fill(12);
  flip_every_bit(salvage::read_log, bytes_of(file(".log")));
}

BOOST_AUTO_TEST_CASE(a_wrong_byte_costs_at_most_the_rows_up_to_a_full_key) {
  fill(12);
  raw_leveldb{folder}.compact();
  const auto bytes = bytes_of(file(".ldb"));
  const auto all = rows_of(salvage::read_table, bytes);
  std::mt19937 random{7};
  std::size_t unclear = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto bent = bytes;
    bent[at] = static_cast<char>(bent[at] ^ (1 + random() % 255));
    const auto lost = lost_of(all, rows_of(salvage::read_table, bent));
    unclear += lost > 0 ? 1 : 0;
    BOOST_CHECK_LE(lost, 16U);
  }
  // One in some thousand, by chance, has a second explanation.
  BOOST_CHECK_LE(unclear, bytes.size() / 500);
}

BOOST_AUTO_TEST_CASE(fsck_mends_a_store_with_a_flipped_bit_anywhere) {
  fill(12);
  raw_leveldb{folder}.compact();
  const auto table = file(".ldb");
  const auto bytes = bytes_of(table);
  const auto sound = parent.file("sound");
  fs::copy(folder, sound, fs::copy_options::recursive);
  std::mt19937 random{7};
  int mended = 0;
  for (int n = 0; n < 25; ++n) {
    fs::remove_all(folder);
    fs::copy(sound, folder, fs::copy_options::recursive);
    auto bent = bytes;
    auto& byte = bent[random() % bent.size()];
    byte = static_cast<char>(byte ^ (1 << (random() % 8)));
    write(table, bent);
    const auto report = fsck(folder, true, from_unix(9));
    BOOST_REQUIRE_MESSAGE(report, report.error().message);
    BOOST_CHECK(report->clean());
    mended += report->rebuilt ? 1 : 0;
    // What was damaged is kept as it was.
    if (report->rebuilt)
      BOOST_CHECK(bytes_of(fs::path{report->kept_at} / table.filename())
                  == bent);
    const auto store = open_leveldb_store(folder, "node-1", from_unix(1));
    BOOST_REQUIRE_MESSAGE(store, store.error().message);
    BOOST_CHECK_EQUAL((*store)->recovery().live_records, 12U);
    BOOST_CHECK(store.value()->recovery().salvaged.empty());
    BOOST_CHECK_EQUAL((*store)->outbox(0, 100).value().size(), 12U);
    BOOST_CHECK_EQUAL((*store)->cursor("explorer").value(), 1U);
  }
  BOOST_CHECK_GT(mended, 10);
  // A second damaged store does not push out the first.
  BOOST_CHECK(fs::exists(folder + ".damaged-1"));
  BOOST_CHECK(fs::exists(folder + ".damaged-2"));
  BOOST_CHECK(!fs::exists(folder + ".salvage"));
}

BOOST_AUTO_TEST_CASE(a_record_with_several_wrong_bytes_is_set_aside_alone) {
  fill(40);
  raw_leveldb{folder}.compact();
  const auto table = file(".ldb");
  auto bytes = bytes_of(table);
  // Inside the signature of record 7-1, whose row is its own witness.
  const auto place = bytes.find(R"({"volume_id":"7-1"})");
  BOOST_REQUIRE_NE(place, std::string::npos);
  bytes.replace(place + 40, 8, "damaged!");
  write(table, bytes);
  BOOST_CHECK(!open_leveldb_store(folder, "node-1", from_unix(1)));
  const auto report = fsck(folder, true, from_unix(9));
  BOOST_REQUIRE_MESSAGE(report, report.error().message);
  BOOST_CHECK(report->rebuilt);
  const auto store = open_leveldb_store(folder, "node-1", from_unix(1)).value();
  BOOST_CHECK_EQUAL(store->recovery().live_records, 39U);
  const auto notices = store->quarantine("", 10).value();
  BOOST_REQUIRE_EQUAL(notices.size(), 1U);
  BOOST_CHECK_EQUAL(notices[0].key, "7-1");
  BOOST_CHECK_EQUAL(notices[0].received.text, R"({"workload_id":7-1})");
}

BOOST_AUTO_TEST_CASE(a_salvage_that_was_cut_short_is_begun_anew) {
  fill(3);
  raw_leveldb{folder}.compact();
  auto bytes = bytes_of(file(".ldb"));
  bytes[bytes.size() / 3] = static_cast<char>(bytes[bytes.size() / 3] ^ 1);
  write(file(".ldb"), bytes);
  fs::create_directories(folder + ".salvage");
  write(folder + ".salvage/000003.log", "half");
  const auto report = fsck(folder, true, from_unix(9));
  BOOST_REQUIRE_MESSAGE(report, report.error().message);
  BOOST_CHECK_EQUAL(open_leveldb_store(folder, "node-1", from_unix(1))
                      .value()
                      ->recovery()
                      .live_records,
                    3U);
}

BOOST_AUTO_TEST_SUITE_END()
