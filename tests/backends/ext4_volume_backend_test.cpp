#include "backends/host/ext4_volume_backend.hpp"

#include <cerrno>

#include "backends/host/ext4_calls.hpp"
#include "tests/backends/listed.hpp"
#include "tests/backends/scratch_pool.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(ext4_volume_backend_test,
                      *boost::unit_test::precondition(root_is_there))

namespace {

struct ext4_fixture {
  expected<std::unique_ptr<volume_backend>> open(step_hook before_step
                                                 = {}) const {
    auto made = ext4_volume_backend::open(scratch.pool(), {}, before_step);
    if (!made)
      return fail(made.error());
    return std::unique_ptr<volume_backend>{std::move(*made)};
  }

  bool pool_is_empty() const {
    for (const auto& item :
         std::filesystem::recursive_directory_iterator{scratch.pool()})
      if (item.path() != scratch.pool() + "/mnt")
        return false;
    return scratch.is_released();
  }

  scratch_pool scratch;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(holds_the_limit_of_a_volume, ext4_fixture) {
  auto backend = open().value();
  BOOST_CHECK_EQUAL(backend->ability().technique, "ext4-image");
  BOOST_CHECK(backend->ability().enforced);
  BOOST_CHECK(backend->inspect("7-1").state == presence::absent);
  const auto path = backend->ensure("7-1", 16 * mebibyte);
  BOOST_REQUIRE(path);
  BOOST_CHECK_EQUAL(write_file(*path + "/fits", 8 * mebibyte), 0);
  BOOST_CHECK_EQUAL(write_file(*path + "/beyond", 16 * mebibyte), ENOSPC);
  const auto facts = backend->inspect("7-1");
  BOOST_CHECK(facts.state == presence::present);
  BOOST_CHECK_EQUAL(facts.limit_bytes, 16 * mebibyte);
  BOOST_CHECK_GT(facts.used_bytes, 8 * mebibyte);
}

BOOST_FIXTURE_TEST_CASE(may_be_asked_again_and_again, ext4_fixture) {
  auto backend = open().value();
  BOOST_CHECK(!backend->destroy("7-1"));
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  std::ofstream{*path + "/kept"} << "kept";
  BOOST_CHECK(backend->ensure("7-1", 8 * mebibyte) == path);
  BOOST_CHECK(std::filesystem::exists(*path + "/kept"));
  BOOST_CHECK_EQUAL(mounts_at(*path).value().size(), 1U);
  BOOST_CHECK(!backend->destroy("7-1"));
  BOOST_CHECK(!backend->destroy("7-1"));
  BOOST_CHECK(pool_is_empty());
  // Sizes that are no multiple of a block settle, too.
  BOOST_CHECK(backend->ensure("7-1", 8 * mebibyte + 1) == path);
  BOOST_CHECK(backend->ensure("7-1", 8 * mebibyte + 1) == path);
  BOOST_CHECK(!std::filesystem::exists(*path + "/kept"));
}

BOOST_FIXTURE_TEST_CASE(grows_and_shrinks_but_not_below_what_is_used,
                        ext4_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", 16 * mebibyte);
  BOOST_REQUIRE(path);
  std::ofstream{*path + "/kept"} << "kept";
  const auto grown = backend->ensure("7-1", 48 * mebibyte);
  BOOST_REQUIRE_MESSAGE(grown, why(grown));
  BOOST_CHECK_EQUAL(write_file(*path + "/file", 12 * mebibyte), 0);
  const auto shrunk = backend->ensure("7-1", 40 * mebibyte);
  BOOST_REQUIRE_MESSAGE(shrunk, why(shrunk));
  BOOST_CHECK_EQUAL(backend->inspect("7-1").limit_bytes, 40 * mebibyte);
  const auto refused = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(!refused);
  BOOST_CHECK(refused.error().code == errc::invalid_reservation);
  BOOST_CHECK(refused.error().message.find("8388608 bytes asked")
              != std::string::npos);
  // Above what is used, but with no room for what ext4 keeps for itself.
  const auto used = backend->inspect("7-1").used_bytes;
  const auto tight = backend->ensure("7-1", used + mebibyte);
  BOOST_REQUIRE(!tight);
  BOOST_CHECK(tight.error().code == errc::invalid_reservation);
  const auto facts = backend->inspect("7-1");
  BOOST_CHECK(facts.state == presence::present);
  BOOST_CHECK_EQUAL(facts.limit_bytes, 40 * mebibyte);
  BOOST_CHECK(std::filesystem::exists(*path + "/kept"));
  BOOST_CHECK_EQUAL(write_file(*path + "/beyond", 40 * mebibyte), ENOSPC);
}

BOOST_FIXTURE_TEST_CASE(survives_a_restart_and_a_reboot, ext4_fixture) {
  const auto path = open().value()->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  std::ofstream{*path + "/kept"} << "kept";
  BOOST_CHECK(open().value()->inspect("7-1").state == presence::present);
  BOOST_CHECK(!release_pool(scratch.pool()));
  BOOST_CHECK(scratch.is_released());
  auto backend = open().value();
  BOOST_CHECK(backend->inspect("7-1").state == presence::partial);
  BOOST_CHECK(backend->ensure("7-1", 8 * mebibyte));
  BOOST_CHECK(std::filesystem::exists(*path + "/kept"));
}

BOOST_FIXTURE_TEST_CASE(shares_a_volume_that_another_namespace_still_mounts,
                        ext4_fixture) {
  const auto path = open().value()->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  std::ofstream{*path + "/kept"} << "kept";
  {
    const mounts_copy elsewhere;
    BOOST_CHECK(!release_pool(scratch.pool()));
    auto backend = open().value();
    BOOST_REQUIRE(backend->ensure("7-1", 8 * mebibyte));
    BOOST_CHECK(std::filesystem::exists(*path + "/kept"));
    BOOST_CHECK_EQUAL(loops_of(scratch.pool() + "/7-1.img").value().size(), 1u);
    // Its image cannot go while somebody uses it; that is worth a second try.
    BOOST_CHECK(backend->destroy("7-1").code == errc::host_busy);
    BOOST_CHECK(std::filesystem::exists(scratch.pool() + "/7-1.img"));
  }
  BOOST_REQUIRE(scratch.is_released());
  BOOST_CHECK(!open().value()->destroy("7-1"));
  BOOST_CHECK(pool_is_empty());
}

BOOST_FIXTURE_TEST_CASE(does_not_remove_a_volume_in_use, ext4_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", 8 * mebibyte);
  BOOST_REQUIRE(path);
  {
    std::ofstream busy{*path + "/busy"};
    BOOST_CHECK(backend->destroy("7-1"));
    BOOST_CHECK(backend->inspect("7-1").state == presence::present);
  }
  BOOST_CHECK(!backend->destroy("7-1"));
}

BOOST_FIXTURE_TEST_CASE(says_when_the_disk_has_no_room, ext4_fixture) {
  auto backend = open().value();
  const auto made = backend->ensure("7-1", std::uint64_t{1} << 43U);
  BOOST_REQUIRE(!made);
  BOOST_CHECK(made.error().code == errc::disk_full);
  BOOST_CHECK(pool_is_empty());
}

BOOST_FIXTURE_TEST_CASE(refuses_ids_that_cannot_name_a_volume, ext4_fixture) {
  auto backend = open().value();
  for (const auto* id : {"", ".", "..", "../7-1", "a/b", "7-1 "}) {
    BOOST_TEST_CONTEXT(id) {
      const auto made = backend->ensure(id, mebibyte);
      BOOST_REQUIRE(!made);
      BOOST_CHECK(made.error().code == errc::invalid_reservation);
      BOOST_CHECK(backend->inspect(id).state == presence::unknown);
      BOOST_CHECK(backend->destroy(id).code == errc::invalid_reservation);
    }
  }
}

BOOST_FIXTURE_TEST_CASE(follows_no_planted_link, ext4_fixture) {
  auto backend = open().value();
  const auto treasure = scratch.root() + "/treasure";
  std::filesystem::create_directory(treasure);
  std::ofstream{treasure + "/gold"} << "gold";
  std::filesystem::create_symlink(treasure + "/gold",
                                  scratch.pool() + "/7-1.img");
  std::filesystem::create_directory_symlink(treasure,
                                            scratch.pool() + "/mnt/7-2");
  for (const auto* id : {"7-1", "7-2"}) {
    BOOST_CHECK(backend->inspect(id).state == presence::unknown);
    BOOST_CHECK(!backend->ensure(id, 8 * mebibyte));
    BOOST_CHECK(backend->destroy(id));
  }
  BOOST_CHECK(std::filesystem::exists(treasure + "/gold"));
  BOOST_CHECK(scratch.is_released());
}

BOOST_FIXTURE_TEST_CASE(sees_an_image_without_a_file_system, ext4_fixture) {
  auto backend = open().value();
  BOOST_CHECK_EQUAL(write_file(scratch.pool() + "/7-1.img", mebibyte), 0);
  BOOST_CHECK(ext4::size(scratch.pool() + "/7-1.img").error().code
              == errc::storage_corrupt);
  BOOST_CHECK(backend->inspect("7-1").state == presence::unknown);
  BOOST_CHECK(!backend->ensure("7-1", 8 * mebibyte));
  // The name is the volume's, so removing it is in order.
  BOOST_CHECK(!backend->destroy("7-1"));
  BOOST_CHECK(pool_is_empty());
}

BOOST_FIXTURE_TEST_CASE(converges_when_creation_was_broken_off_anywhere,
                        ext4_fixture) {
  break_off_everywhere([&](step_hook hook) { return open(hook); },
                       [](volume_backend& backend) {
                         const auto made = backend.ensure("7-1", 8 * mebibyte);
                         return made ? error{} : made.error();
                       },
                       [&](volume_backend& backend) {
                         const auto path = backend.ensure("7-1", 8 * mebibyte);
                         BOOST_REQUIRE(path);
                         BOOST_CHECK(backend.inspect("7-1").state
                                     == presence::present);
                         BOOST_CHECK(!backend.destroy("7-1"));
                         BOOST_CHECK(pool_is_empty());
                       });
}

BOOST_FIXTURE_TEST_CASE(a_half_made_volume_can_be_removed, ext4_fixture) {
  break_off_everywhere([&](step_hook hook) { return open(hook); },
                       [](volume_backend& backend) {
                         const auto made = backend.ensure("7-1", 8 * mebibyte);
                         return made ? error{} : made.error();
                       },
                       [&](volume_backend& backend) {
                         BOOST_CHECK(!backend.destroy("7-1"));
                         BOOST_CHECK(pool_is_empty());
                       });
}

BOOST_FIXTURE_TEST_CASE(converges_when_resizing_was_broken_off_anywhere,
                        ext4_fixture) {
  for (const auto target : {48 * mebibyte, 24 * mebibyte})
    break_off_everywhere(
      [&](step_hook hook) { return open(hook); },
      [&](volume_backend& backend) {
        const auto path = open().value()->ensure("7-1", 32 * mebibyte);
        BOOST_REQUIRE(path);
        std::ofstream{*path + "/kept"} << "kept";
        const auto made = backend.ensure("7-1", target);
        return made ? error{} : made.error();
      },
      [&](volume_backend& backend) {
        const auto path = backend.ensure("7-1", target);
        BOOST_REQUIRE_MESSAGE(path, why(path));
        const auto facts = backend.inspect("7-1");
        BOOST_CHECK(facts.state == presence::present);
        BOOST_CHECK_EQUAL(facts.limit_bytes, target);
        BOOST_CHECK(std::filesystem::exists(*path + "/kept"));
      });
}

BOOST_FIXTURE_TEST_CASE(converges_when_removal_was_broken_off_anywhere,
                        ext4_fixture) {
  break_off_everywhere([&](step_hook hook) { return open(hook); },
                       [&](volume_backend& backend) {
                         BOOST_REQUIRE(
                           open().value()->ensure("7-1", 8 * mebibyte));
                         return backend.destroy("7-1");
                       },
                       [&](volume_backend& backend) {
                         BOOST_CHECK(!backend.destroy("7-1"));
                         BOOST_CHECK(pool_is_empty());
                       });
}

BOOST_FIXTURE_TEST_CASE(lists_its_volumes_and_nothing_foreign, ext4_fixture) {
  auto backend = open().value();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE(backend->ensure("7-1", 8 * mebibyte));
  BOOST_REQUIRE(backend->ensure("8-2", 8 * mebibyte));
  std::ofstream{scratch.pool() + "/backup.img"} << "of the operator";
  std::ofstream{scratch.pool() + "/9-1.tmp"} << "of the operator";
  // A volume's name alone makes none.
  std::filesystem::create_directory(scratch.pool() + "/9-1.img");
  BOOST_CHECK_EQUAL(listed(*backend), "7-1 8-2 ");
  // Another daemon sees the same: it comes from the disk.
  BOOST_CHECK_EQUAL(listed(*open().value()), "7-1 8-2 ");
  cannot_be_listed_by_nobody(*backend);
  BOOST_CHECK(!backend->destroy("8-2"));
  BOOST_CHECK_EQUAL(listed(*backend), "7-1 ");
}

BOOST_AUTO_TEST_SUITE_END()
