#include "backends/host/btrfs_volume_backend.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/btrfs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "tests/backends/listed.hpp"
#include "tests/backends/scratch_pool.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(btrfs_volume_backend_test,
                      *boost::unit_test::precondition(root_is_there))

namespace {

struct btrfs_fixture {
  expected<std::unique_ptr<volume_backend>>
  open(step_hook before_step = {},
       btrfs::quota_mode quotas = btrfs::quota_mode::simple) const {
    auto made = btrfs_volume_backend::open({.folder = scratch.pool(),
                                            .image_bytes = 256 * mebibyte,
                                            .quotas = quotas,
                                            .before_step = before_step});
    if (!made)
      return fail(made.error());
    return std::unique_ptr<volume_backend>{std::move(*made)};
  }

  /// Waits until the kernel has cleaned up behind removed subvolumes.
  void wait_for_cleaner() const {
    const auto btrfs = find_program("btrfs", "btrfs-progs");
    BOOST_REQUIRE(btrfs);
    BOOST_REQUIRE(run(
      {.program = *btrfs, .arguments = {"subvolume", "sync", scratch.pool()}}));
  }

  /// Level-1 quota groups and subvolumes that exist, in btrfs' own words.
  std::string remains() const {
    const auto btrfs = find_program("btrfs", "btrfs-progs");
    BOOST_REQUIRE(btrfs);
    const auto subvolumes = run(
      {.program = *btrfs, .arguments = {"subvolume", "list", scratch.pool()}});
    const auto groups = run(
      {.program = *btrfs, .arguments = {"qgroup", "show", scratch.pool()}});
    BOOST_REQUIRE(subvolumes);
    BOOST_REQUIRE(groups);
    auto result = subvolumes->out;
    for (std::size_t at = 0; (at = groups->out.find("\n1/", at)) + 1 != 0; ++at)
      result += groups->out.substr(at + 1, 20);
    return result;
  }

  scratch_pool scratch;
};

/// What a customer's program can do inside the volume.
bool make_nested(const std::string& parent, const std::string& name) {
  const file_descriptor top{::open(parent.c_str(), O_RDONLY | O_CLOEXEC)};
  btrfs_ioctl_vol_args arguments = {};
  name.copy(arguments.name, sizeof arguments.name - 1);
  return ::ioctl(top.number(), BTRFS_IOC_SUBVOL_CREATE, &arguments) == 0;
}

void make_read_only(const std::string& subvolume) {
  const file_descriptor top{::open(subvolume.c_str(), O_RDONLY | O_CLOEXEC)};
  std::uint64_t flags = BTRFS_SUBVOL_RDONLY;
  BOOST_REQUIRE_EQUAL(::ioctl(top.number(), BTRFS_IOC_SUBVOL_SETFLAGS, &flags),
                      0);
}

/// Does it as a user of no privilege, who owns the volume; false if that cannot
/// be.
template <class Action>
bool as_customer(const std::string& volume, Action action) {
  constexpr ::uid_t customer = 65534;
  // The way there is closed for everybody but root.
  const file_descriptor top{
    ::open(volume.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!top || ::fchown(top.number(), customer, customer) != 0)
    return false;
  const auto child = ::fork();
  if (child == 0)
    ::_exit(::fchdir(top.number()) == 0 && ::setgid(customer) == 0
                && ::setuid(customer) == 0 && action()
              ? 0
              : 1);
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0;
}

/// A nested subvolume here that its maker puts into no quota group.
bool make_stray(const char* name) {
  const file_descriptor top{::open(".", O_RDONLY | O_CLOEXEC)};
  btrfs_qgroup_inherit nowhere = {};
  btrfs_ioctl_vol_args_v2 arguments = {};
  std::strcpy(arguments.name, name);
  arguments.flags = BTRFS_SUBVOL_QGROUP_INHERIT;
  arguments.size = sizeof nowhere;
  arguments.qgroup_inherit = &nowhere;
  return ::ioctl(top.number(), BTRFS_IOC_SUBVOL_CREATE_V2, &arguments) == 0;
}

bool make_copy(const char* name) {
  const file_descriptor top{::open(".", O_RDONLY | O_CLOEXEC)};
  btrfs_ioctl_vol_args_v2 arguments = {};
  std::strcpy(arguments.name, name);
  arguments.fd = top.number();
  return ::ioctl(top.number(), BTRFS_IOC_SNAP_CREATE_V2, &arguments) == 0;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(holds_the_limit_of_a_volume, btrfs_fixture) {
  auto backend = open().value();
  BOOST_CHECK_EQUAL(backend->ability().technique, "btrfs");
  BOOST_CHECK(backend->ability().enforced);
  BOOST_CHECK_EQUAL(backend->ability().reason, "");
  BOOST_CHECK(backend->inspect("7-1").state == presence::absent);
  const auto path = backend->ensure("7-1", 16 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_CHECK_EQUAL(write_file(*path + "/fits", 8 * mebibyte), 0);
  BOOST_CHECK_EQUAL(write_file(*path + "/beyond", 16 * mebibyte), EDQUOT);
  // The neighbour does not feel it.
  const auto other = backend->ensure("7-2", 16 * mebibyte);
  BOOST_REQUIRE(other);
  BOOST_CHECK_EQUAL(write_file(*other + "/fits", 12 * mebibyte), 0);
  const auto facts = backend->inspect("7-1");
  BOOST_CHECK(facts.state == presence::present);
  BOOST_CHECK_EQUAL(facts.limit_bytes, 16 * mebibyte);
  BOOST_CHECK_GT(facts.used_bytes, 8 * mebibyte);
  BOOST_CHECK_LE(facts.used_bytes, 16 * mebibyte);
  BOOST_CHECK_EQUAL(facts.path, *path);
  const auto uses = backend->usage("7-1");
  BOOST_REQUIRE(uses);
  BOOST_CHECK(uses->disk_bytes == facts.used_bytes);
  BOOST_CHECK(uses->disk_bytes_max == 16 * mebibyte);
  BOOST_CHECK(backend->usage("7-3").error().code == errc::no_such_reservation);
}

BOOST_FIXTURE_TEST_CASE(nested_subvolumes_do_not_escape_the_limit,
                        btrfs_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_REQUIRE(make_nested(*path, "a"));
  BOOST_REQUIRE(make_nested(*path + "/a", "b"));
  BOOST_CHECK_EQUAL(write_file(*path + "/a/b/beyond", 16 * mebibyte), EDQUOT);
}

BOOST_FIXTURE_TEST_CASE(a_customer_gains_nothing_by_nesting, btrfs_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_CHECK(as_customer(*path, [] {
    return make_nested(".", "a")
           && write_file("a/beyond", 16 * mebibyte) == EDQUOT
           && ::unlink("a/beyond") == 0;
  }));
  BOOST_CHECK(as_customer(*path, [] {
    return make_copy("copy")
           && write_file("copy/beyond", 16 * mebibyte) == EDQUOT;
  }));
  const auto destroyed = backend->destroy("7-1");
  BOOST_CHECK_MESSAGE(!destroyed, to_string(destroyed));
}

BOOST_FIXTURE_TEST_CASE(what_was_nested_outside_the_group_is_taken_in,
                        btrfs_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  // The kernel lets everybody do that; the filter of containers does not.
  BOOST_REQUIRE(as_customer(*path, [] {
    return make_stray("stray") && write_file("stray/file", 4 * mebibyte) == 0;
  }));
  BOOST_REQUIRE(backend->ensure("7-1", 8 * mebibyte));
  BOOST_CHECK_GT(backend->inspect("7-1").used_bytes, 4 * mebibyte);
  BOOST_CHECK(as_customer(*path, [] {
    return write_file("stray/beyond", 16 * mebibyte) == EDQUOT
           && write_file("beyond", 16 * mebibyte) == EDQUOT;
  }));
  const auto destroyed = backend->destroy("7-1");
  BOOST_CHECK_MESSAGE(!destroyed, to_string(destroyed));
}

BOOST_FIXTURE_TEST_CASE(says_that_classic_quotas_do_not_cover_nested_subvolumes,
                        btrfs_fixture) {
  auto backend = open({}, btrfs::quota_mode::classic).value();
  BOOST_CHECK(backend->ability().enforced);
  BOOST_CHECK(backend->ability().reason.find("nested") != std::string::npos);
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_CHECK_EQUAL(write_file(*path + "/beyond", 16 * mebibyte), EDQUOT);
  BOOST_CHECK(!backend->destroy("7-1"));
  backend.reset();
  // Quotas that are on stay of their kind.
  BOOST_CHECK_NE(open().value()->ability().reason, "");
  wait_for_cleaner();
  BOOST_REQUIRE(open());
  BOOST_CHECK_EQUAL(remains(), "");
}

BOOST_FIXTURE_TEST_CASE(removes_nested_and_read_only_subvolumes,
                        btrfs_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", 32 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_REQUIRE(make_nested(*path, "a"));
  BOOST_REQUIRE(make_nested(*path + "/a", "b"));
  BOOST_REQUIRE(make_nested(*path + "/a/b", "c"));
  BOOST_REQUIRE(make_nested(*path, "d"));
  BOOST_CHECK_EQUAL(write_file(*path + "/a/b/c/file", mebibyte), 0);
  make_read_only(*path + "/a/b");
  make_read_only(*path + "/a");
  const auto destroyed = backend->destroy("7-1");
  BOOST_CHECK_MESSAGE(!destroyed, to_string(destroyed));
  BOOST_CHECK(backend->inspect("7-1").state == presence::absent);
  wait_for_cleaner();
  // Any later call collects what the kernel had not let go.
  BOOST_CHECK(!backend->destroy("9-9"));
  BOOST_CHECK_EQUAL(remains(), "");
}

BOOST_FIXTURE_TEST_CASE(shares_a_pool_that_another_namespace_still_mounts,
                        btrfs_fixture) {
  const auto path = open().value()->ensure("7-1", 16 * mebibyte);
  BOOST_REQUIRE(path);
  std::ofstream{*path + "/kept"} << "kept";
  const mounts_copy elsewhere;
  BOOST_CHECK(!release_pool(scratch.pool()));
  BOOST_CHECK(!std::filesystem::exists(*path));
  auto backend = open().value();
  BOOST_CHECK(backend->ensure("7-1", 16 * mebibyte) == path);
  BOOST_CHECK(std::filesystem::exists(*path + "/kept"));
  BOOST_CHECK_EQUAL(loops_of(scratch.pool() + ".img").value().size(), 1u);
}

BOOST_FIXTURE_TEST_CASE(may_be_asked_again_and_again, btrfs_fixture) {
  auto backend = open().value();
  BOOST_CHECK(!backend->destroy("7-1"));
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  std::ofstream{*path + "/kept"} << "kept";
  BOOST_CHECK(backend->ensure("7-1", 8 * mebibyte) == path);
  BOOST_CHECK(std::filesystem::exists(*path + "/kept"));
  BOOST_CHECK(!backend->destroy("7-1"));
  BOOST_CHECK(!backend->destroy("7-1"));
  // And back at once, although the kernel may still clean up.
  BOOST_CHECK(backend->ensure("7-1", 8 * mebibyte) == path);
  BOOST_CHECK(!std::filesystem::exists(*path + "/kept"));
  BOOST_CHECK(backend->inspect("7-1").state == presence::present);
  BOOST_CHECK_EQUAL(write_file(*path + "/fits", 6 * mebibyte), 0);
}

BOOST_FIXTURE_TEST_CASE(grows_and_shrinks_but_not_below_what_is_used,
                        btrfs_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_REQUIRE(backend->ensure("7-1", 32 * mebibyte));
  BOOST_CHECK_EQUAL(write_file(*path + "/file", 16 * mebibyte), 0);
  BOOST_REQUIRE(backend->ensure("7-1", 20 * mebibyte));
  BOOST_CHECK_EQUAL(backend->inspect("7-1").limit_bytes, 20 * mebibyte);
  const auto refused = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  BOOST_CHECK(refused.error().message.find("8388608 bytes asked, 167")
              != std::string::npos);
  BOOST_CHECK_EQUAL(backend->inspect("7-1").limit_bytes, 20 * mebibyte);
}

BOOST_FIXTURE_TEST_CASE(survives_a_restart_and_a_reboot, btrfs_fixture) {
  const auto path = open().value()->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_CHECK_EQUAL(write_file(*path + "/file", mebibyte), 0);
  BOOST_CHECK(open().value()->inspect("7-1").state == presence::present);
  BOOST_CHECK(!release_pool(scratch.pool()));
  BOOST_CHECK(!std::filesystem::exists(*path));
  auto backend = open().value();
  BOOST_CHECK(backend->inspect("7-1").state == presence::present);
  BOOST_CHECK_EQUAL(write_file(*path + "/beyond", 16 * mebibyte), EDQUOT);
}

BOOST_FIXTURE_TEST_CASE(uses_a_folder_that_is_on_btrfs_already, btrfs_fixture) {
  { BOOST_REQUIRE(open()); }
  const auto inside = scratch.pool() + "/deeper/pool";
  {
    auto backend = btrfs_volume_backend::open({.folder = inside}).value();
    const auto path = backend->ensure("7-1", 8 * mebibyte);
    BOOST_REQUIRE(path);
    BOOST_CHECK(path->starts_with(inside));
    BOOST_CHECK(!std::filesystem::exists(inside + ".img"));
    // The other pool on this file system has the group 7-1 in no use.
    const auto refused = open().value()->ensure("7-1", 8 * mebibyte);
    BOOST_REQUIRE(!refused);
    BOOST_CHECK(refused.error().message.find("other members")
                != std::string::npos);
    BOOST_CHECK(!backend->destroy("7-1"));
  }
}

BOOST_FIXTURE_TEST_CASE(refuses_ids_that_cannot_name_a_volume, btrfs_fixture) {
  auto backend = open().value();
  for (const auto* id : {"", ".", "..", "../7-1", "a/b", "seven", "7", "7-256",
                         "07-1", "7-1 ", "1099511627776-1", "7-1-1"}) {
    BOOST_TEST_CONTEXT(id) {
      const auto made = backend->ensure(id, mebibyte);
      BOOST_REQUIRE(!made);
      BOOST_CHECK(made.error().code == errc::invalid_reservation);
      BOOST_CHECK(backend->inspect(id).state == presence::unknown);
      BOOST_CHECK(backend->destroy(id).code == errc::invalid_reservation);
    }
  }
  BOOST_CHECK(backend->ensure("1099511627775-254", mebibyte));
  BOOST_CHECK(backend->ensure("7-1", 0).error().code
              == errc::invalid_reservation);
}

BOOST_FIXTURE_TEST_CASE(touches_nothing_that_is_not_its_own, btrfs_fixture) {
  auto backend = open().value();
  const auto treasure = scratch.root() + "/treasure";
  std::filesystem::create_directory(treasure);
  std::ofstream{treasure + "/gold"} << "gold";
  const auto volumes = scratch.pool() + "/vol/";
  std::filesystem::create_directory_symlink(treasure, volumes + "7-1");
  std::filesystem::create_directory(volumes + "7-2");
  std::ofstream{volumes + "7-2/gold"} << "gold";
  for (const auto* id : {"7-1", "7-2"}) {
    BOOST_CHECK(backend->inspect(id).state == presence::unknown);
    BOOST_CHECK(!backend->ensure(id, mebibyte));
    BOOST_CHECK(backend->destroy(id));
  }
  BOOST_CHECK(std::filesystem::exists(treasure + "/gold"));
  BOOST_CHECK(std::filesystem::exists(volumes + "7-2/gold"));
}

BOOST_FIXTURE_TEST_CASE(converges_when_creation_was_broken_off_anywhere,
                        btrfs_fixture) {
  break_off_everywhere(
    [&](step_hook hook) { return open(hook); },
    [](volume_backend& backend) {
      const auto made = backend.ensure("7-1", 8 * mebibyte);
      return made ? error{} : made.error();
    },
    [](volume_backend& backend) {
      const auto path = backend.ensure("7-1", 8 * mebibyte);
      BOOST_REQUIRE(path);
      BOOST_CHECK(backend.inspect("7-1").state == presence::present);
      BOOST_CHECK_EQUAL(write_file(*path + "/beyond", 16 * mebibyte), EDQUOT);
      const auto destroyed = backend.destroy("7-1");
      BOOST_CHECK_MESSAGE(!destroyed, to_string(destroyed));
      BOOST_CHECK(backend.inspect("7-1").state == presence::absent);
    });
  wait_for_cleaner();
  BOOST_REQUIRE(open());
  BOOST_CHECK_EQUAL(remains(), "");
}

BOOST_FIXTURE_TEST_CASE(a_half_made_volume_can_be_removed, btrfs_fixture) {
  break_off_everywhere([&](step_hook hook) { return open(hook); },
                       [](volume_backend& backend) {
                         const auto made = backend.ensure("7-1", mebibyte);
                         return made ? error{} : made.error();
                       },
                       [](volume_backend& backend) {
                         BOOST_CHECK(!backend.destroy("7-1"));
                         BOOST_CHECK(backend.inspect("7-1").state
                                     == presence::absent);
                       });
  wait_for_cleaner();
  BOOST_REQUIRE(open());
  BOOST_CHECK_EQUAL(remains(), "");
}

BOOST_FIXTURE_TEST_CASE(converges_when_removal_was_broken_off_anywhere,
                        btrfs_fixture) {
  break_off_everywhere(
    [&](step_hook hook) { return open(hook); },
    [&](volume_backend& backend) {
      // Made by another, so that only the removal breaks.
      BOOST_REQUIRE(open().value()->ensure("7-1", 8 * mebibyte));
      return backend.destroy("7-1");
    },
    [](volume_backend& backend) {
      BOOST_CHECK(!backend.destroy("7-1"));
      BOOST_CHECK(backend.inspect("7-1").state == presence::absent);
    });
  wait_for_cleaner();
  BOOST_REQUIRE(open());
  BOOST_CHECK_EQUAL(remains(), "");
}

BOOST_FIXTURE_TEST_CASE(says_what_is_missing_where_there_is_no_btrfs,
                        scratch_pool) {
  const auto made = btrfs_volume_backend::open({.folder = pool()});
  BOOST_REQUIRE(!made);
  BOOST_CHECK(made.error().message.find("not on btrfs") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(lists_its_volumes_and_nothing_foreign, btrfs_fixture) {
  auto backend = open().value();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE(backend->ensure("7-1", 8 * mebibyte));
  BOOST_REQUIRE(backend->ensure("8-2", 8 * mebibyte));
  const auto place
    = std::filesystem::path{backend->inspect("7-1").path}.parent_path();
  std::filesystem::create_directory(place / "of-the-operator");
  // A volume's name alone makes none.
  std::filesystem::create_directory(place / "9-1");
  BOOST_CHECK_EQUAL(listed(*backend), "7-1 8-2 ");
  // Another daemon sees the same: it comes from the disk.
  BOOST_CHECK_EQUAL(listed(*open().value()), "7-1 8-2 ");
  cannot_be_listed_by_nobody(*backend);
  BOOST_CHECK(!backend->destroy("8-2"));
  BOOST_CHECK_EQUAL(listed(*backend), "7-1 ");
}

BOOST_AUTO_TEST_SUITE_END()
