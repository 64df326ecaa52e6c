#include <boost/test/unit_test.hpp>

#include <fstream>

#include <sys/mount.h>

#include "persistence/in_flight_mark.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "tests/persistence/builders.hpp"
#include "tests/persistence/raw_leveldb.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(full_disk_test)

namespace {

/// A small file system in memory; needs the right to mount.
class small_disk {
public:
  explicit small_disk(const char* options) {
    mounted_
      = ::mount("none", folder_.path().c_str(), "tmpfs", 0, options) == 0;
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() {
    if (mounted_)
      ::umount2(folder_.path().c_str(), MNT_DETACH);
  }

  bool mounted() const {
    if (!mounted_)
      BOOST_TEST_MESSAGE("skipped: this process may not mount a tmpfs");
    return mounted_;
  }
  bool make_read_only() {
    return ::mount("none", folder_.path().c_str(), "tmpfs",
                   MS_REMOUNT | MS_RDONLY, nullptr)
           == 0;
  }
  /// Fills it up to the last `bytes`, in `file`.
  void fill_but(std::uintmax_t bytes, const std::string& file) {
    const auto space = std::filesystem::space(folder_.path());
    std::ofstream{file} << std::string(space.available - bytes, 'b');
  }
  std::string file(const std::string& name) const { return folder_.file(name); }

private:
  temporary_folder folder_;
  bool mounted_ = false;
};

transition_batch a_big_batch(std::uint64_t number) {
  auto what = an_accepted(std::to_string(number) + "-1", number);
  what.received = own_text(std::string(60'000, 'x'), text_form::document);
  return {.puts = {put_new(what)}, .cursors = {{"explorer", number}}};
}

} // namespace

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_the_batch_and_keeps_all_before) {
  const small_disk disk{"size=32m"};
  if (!disk.mounted())
    return;
  const auto folder = disk.file("store");
  // It opens again once there is room for two of these.
  const leveldb_store_settings small{.write_buffer_bytes = std::size_t{4}
                                                           << 20U};
  auto store
    = open_leveldb_store(folder, "node-1", from_unix(1), small).value();
  const auto ballast = disk.file("ballast");
  std::ofstream{ballast} << std::string(std::size_t{16} << 20U, 'b');
  std::uint64_t kept = 0;
  error wrong;
  while (!wrong && kept < 1000) {
    auto batch = a_big_batch(kept + 1);
    wrong = store->apply(batch, durability::machine);
    if (!wrong)
      ++kept;
  }
  BOOST_CHECK_EQUAL(to_string(wrong.code), "disk_full");
  BOOST_CHECK_NE(wrong.message.find(folder), std::string::npos);
  BOOST_CHECK_EQUAL(store->cursor("explorer").value(), kept);
  // Refused again while nothing changes, and readable all the time.
  auto again = a_big_batch(kept + 1);
  BOOST_CHECK(store->apply(again, durability::machine).code == errc::disk_full);
  BOOST_CHECK(store->find("1-1").value());

  std::filesystem::remove(ballast);
  for (int n = 0; n < 5; ++n) {
    auto batch = a_big_batch(kept + 1);
    BOOST_REQUIRE_EQUAL(to_string(store->apply(batch, durability::machine)),
                        to_string(error{}));
    ++kept;
  }
  store.reset();
  store = open_leveldb_store(folder, "node-1", from_unix(1)).value();
  BOOST_CHECK(store->recovery().salvaged.empty());
  BOOST_CHECK_EQUAL(store->recovery().live_records, kept);
  BOOST_CHECK_EQUAL(store->cursor("explorer").value(), kept);
}

BOOST_AUTO_TEST_CASE(a_full_disk_at_the_start_is_named) {
  const small_disk disk{"size=64k"};
  if (!disk.mounted())
    return;
  std::ofstream{disk.file("ballast")} << std::string(65'536, 'b');
  const auto folder = disk.file("store");
  const auto store = open_leveldb_store(folder, "node-1", from_unix(1));
  BOOST_REQUIRE(!store);
  BOOST_CHECK_EQUAL(to_string(store.error().code), "disk_full");
  BOOST_CHECK_NE(store.error().message.find(folder), std::string::npos);
  const auto mark = in_flight_mark::open(disk.file("."));
  BOOST_REQUIRE(!mark);
  BOOST_CHECK(mark.error().code == errc::disk_full);
}

BOOST_AUTO_TEST_CASE(a_node_whose_lists_find_no_room_starts_without_them) {
  small_disk disk{"size=32m"};
  if (!disk.mounted())
    return;
  const auto folder = disk.file("store");
  {
    auto store = open_leveldb_store(folder, "node-1", from_unix(1)).value();
    transition_batch batch{.journal = {{.event = "accepted"}}};
    for (std::uint64_t n = 1; n <= 5000; ++n)
      batch.puts.push_back(put_new(an_accepted(std::to_string(n) + "-1", n)));
    BOOST_REQUIRE(!store->apply(batch, durability::process));
  }
  {
    // As an older program leaves it.
    raw_leveldb rows{folder};
    rows.remove("m/listed");
    rows.compact();
  }
  const auto ballast = disk.file("ballast");
  disk.fill_but(std::uintmax_t{64} << 10U, ballast);
  auto store = open_leveldb_store(folder, "node-1", from_unix(1));
  BOOST_REQUIRE_MESSAGE(store, store.error().message);
  BOOST_CHECK((*store)->recovery().unlisted.code == errc::disk_full);
  BOOST_CHECK(!(*store)->ids_of(listed_by::user, "7", {}).value());
  BOOST_CHECK_EQUAL((*store)->list("", "4000-1", 3).value().size(), 3U);
  BOOST_CHECK((*store)->find("5000-1").value());

  store->reset();
  std::filesystem::remove(ballast);
  store = open_leveldb_store(folder, "node-1", from_unix(1));
  BOOST_REQUIRE(store);
  BOOST_CHECK(!(*store)->recovery().unlisted);
  const auto ids = (*store)->ids_of(listed_by::user, "7", {.count_max = 9999});
  BOOST_CHECK_EQUAL(ids.value()->size(), 5000U);
}

BOOST_AUTO_TEST_CASE(a_read_only_disk_is_named) {
  small_disk disk{"size=8m"};
  if (!disk.mounted())
    return;
  const auto folder = disk.file("store");
  BOOST_REQUIRE(open_leveldb_store(folder, "node-1", from_unix(1)));
  BOOST_REQUIRE(disk.make_read_only());
  const auto store = open_leveldb_store(folder, "node-1", from_unix(1));
  BOOST_REQUIRE(!store);
  BOOST_CHECK(store.error().code == errc::storage_failure);
  BOOST_CHECK_NE(store.error().message.find(folder), std::string::npos);
  BOOST_CHECK_NE(store.error().message.find("Read-only"), std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
