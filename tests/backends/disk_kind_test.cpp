#include "backends/host/disk_kind.hpp"

#include <filesystem>
#include <fstream>

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "backends/host/choose_volume_backend.hpp"
#include "tests/backends/scratch_pool.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(disk_kind_test)

namespace {

namespace fs = std::filesystem;
using workloads::disk_type;

/// What a kernel would show of some disks.
struct sysfs_of_disks {
  /// `word`: "0", "1", or empty if it says nothing.
  void add_disk(const std::string& name, const std::string& number,
                const std::string& word) const {
    const auto place = devices() / name;
    fs::create_directories(place / "queue");
    if (!word.empty())
      std::ofstream{place / "queue/rotational"} << word << '\n';
    enter(place, number);
  }

  void add_partition(const std::string& disk, const std::string& name,
                     const std::string& number) const {
    fs::create_directories(devices() / disk / name);
    enter(devices() / disk / name, number);
  }

  /// One that is made of others; its own word is not asked.
  void add_mapped(const std::string& name, const std::string& number,
                  const std::vector<fs::path>& parts) const {
    add_disk(name, number, "0");
    fs::create_directories(devices() / name / "slaves");
    for (const auto& part : parts)
      fs::create_directory_symlink(devices() / part, devices() / name / "slaves"
                                                       / part.filename());
  }

  void add_loop(const std::string& name, const std::string& number,
                const std::string& file) const {
    add_disk(name, number, "0");
    fs::create_directories(devices() / name / "loop");
    std::ofstream{devices() / name / "loop/backing_file"} << file << '\n';
  }

  std::optional<bool> turns(unsigned first, unsigned second) const {
    return is_rotating(makedev(first, second), root.path());
  }

  fs::path devices() const { return fs::path{root.path()} / "devices"; }

  const scratch_folder root;

private:
  void enter(const fs::path& place, const std::string& number) const {
    std::ofstream{place / "dev"} << number << '\n';
    const auto numbers = fs::path{root.path()} / "dev/block";
    fs::create_directories(numbers);
    fs::create_directory_symlink(place, numbers / number);
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(takes_the_kernels_word_for_a_disk, sysfs_of_disks) {
  add_disk("sda", "8:0", "1");
  add_disk("nvme0n1", "259:0", "0");
  BOOST_CHECK(turns(8, 0) == true);
  BOOST_CHECK(turns(259, 0) == false);
}

BOOST_FIXTURE_TEST_CASE(a_virtual_disk_that_calls_itself_rotating_says_nothing,
                        sysfs_of_disks) {
  add_disk("vda", "254:0", "1");
  add_disk("vdb", "254:16", "0");
  add_partition("vda", "vda1", "254:1");
  for (const auto* disk : {"vda", "vdb"}) {
    fs::create_directories(devices() / disk / "device");
    fs::create_symlink("/sys/bus/virtio/drivers/virtio_blk",
                       devices() / disk / "device/driver");
  }
  BOOST_CHECK(!turns(254, 0));
  BOOST_CHECK(!turns(254, 1));
  BOOST_CHECK(turns(254, 16) == false);
}

BOOST_FIXTURE_TEST_CASE(a_partition_is_what_its_disk_is, sysfs_of_disks) {
  add_disk("sda", "8:0", "1");
  add_partition("sda", "sda1", "8:1");
  BOOST_CHECK(turns(8, 1) == true);
}

BOOST_FIXTURE_TEST_CASE(a_mapped_device_turns_if_any_part_of_it_does,
                        sysfs_of_disks) {
  add_disk("sda", "8:0", "1");
  add_partition("sda", "sda1", "8:1");
  add_disk("nvme0n1", "259:0", "0");
  add_mapped("md0", "9:0", {"nvme0n1", "sda/sda1"});
  add_mapped("md1", "9:1", {"nvme0n1"});
  add_mapped("dm-0", "253:0", {"md0"});
  add_mapped("dm-1", "253:1", {"md1"});
  BOOST_CHECK(turns(253, 0) == true);
  BOOST_CHECK(turns(253, 1) == false);
}

BOOST_FIXTURE_TEST_CASE(what_is_not_told_is_not_guessed, sysfs_of_disks) {
  add_disk("sda", "8:0", "");
  add_disk("sdb", "8:16", "maybe");
  add_disk("nvme0n1", "259:0", "0");
  add_mapped("md0", "9:0", {"sda", "nvme0n1"});
  BOOST_CHECK(!turns(8, 0));
  BOOST_CHECK(!turns(8, 16));
  BOOST_CHECK(!turns(9, 0));
  BOOST_CHECK(!turns(9, 99));
}

BOOST_FIXTURE_TEST_CASE(a_ring_of_devices_comes_to_an_end, sysfs_of_disks) {
  add_mapped("dm-0", "253:0", {"dm-1"});
  add_mapped("dm-1", "253:1", {"dm-0"});
  BOOST_CHECK(!turns(253, 0));
}

BOOST_FIXTURE_TEST_CASE(a_loop_device_is_what_its_file_is_on, sysfs_of_disks) {
  const auto own = device_below(root.path());
  // Else this host's temporary folder is on no disk, and nothing is to see.
  if (!own) {
    BOOST_TEST_MESSAGE("the tests' files are on no disk");
    return;
  }
  add_disk("below",
           std::to_string(major(*own)) + ':' + std::to_string(minor(*own)),
           "1");
  std::ofstream{root.path() + "/image"} << "image";
  add_loop("loop0", "7:0", root.path() + "/image");
  add_loop("loop1", "7:1", root.path() + "/image (deleted)");
  BOOST_CHECK(turns(7, 0) == true);
  BOOST_CHECK(!turns(7, 1));
}

BOOST_AUTO_TEST_CASE(the_operators_word_comes_first) {
  BOOST_CHECK(find_disk_kind("/", "hdd").kind == disk_type::hdd);
  BOOST_CHECK(find_disk_kind("/", "ssd").kind == disk_type::ssd);
  BOOST_CHECK_EQUAL(find_disk_kind("/", "ssd").reason, "by volumes.disk");
}

BOOST_AUTO_TEST_CASE(what_is_on_no_disk_counts_as_solid_state) {
  const auto found = find_disk_kind("/proc", "auto");
  BOOST_CHECK(found.kind == disk_type::ssd);
  BOOST_CHECK_EQUAL(found.reason, "no disk is known below /proc");
}

// btrfs numbers its files by itself; the pool's image is on a loop device.
BOOST_AUTO_TEST_CASE(a_pool_in_an_image_is_of_the_disk_below,
                     *boost::unit_test::precondition(root_is_there)) {
  const scratch_pool scratch;
  const auto below = find_disk_kind(scratch.root(), "auto");
  const auto pool = choose_volume_backend(
    {.technique = "btrfs", .pool_image_size = 1}, scratch.pool());
  BOOST_REQUIRE_MESSAGE(pool, why(pool));
  struct stat facts = {};
  BOOST_REQUIRE_EQUAL(::stat(scratch.pool().c_str(), &facts), 0);
  BOOST_CHECK_EQUAL(major(facts.st_dev), 0);
  const auto device = device_below(scratch.pool());
  BOOST_REQUIRE(device);
  // Of loop devices.
  BOOST_CHECK_EQUAL(major(*device), 7);
  BOOST_CHECK(find_disk_kind(scratch.pool(), "auto").kind == below.kind);
}

BOOST_AUTO_TEST_SUITE_END()
