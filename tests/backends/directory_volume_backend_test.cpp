#include "backends/host/directory_volume_backend.hpp"

#include "tests/backends/listed.hpp"
#include "tests/backends/scratch_pool.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(directory_volume_backend_test)

namespace {

struct directory_fixture {
  expected<std::unique_ptr<volume_backend>> open(step_hook before_step
                                                 = {}) const {
    auto made = directory_volume_backend::open(scratch.pool(), "no better",
                                               before_step);
    if (!made)
      return fail(made.error());
    return std::unique_ptr<volume_backend>{std::move(*made)};
  }

  scratch_pool scratch;
};

} // namespace

BOOST_FIXTURE_TEST_CASE(says_that_nothing_enforces_a_limit, directory_fixture) {
  auto backend = open().value();
  const auto ability = backend->ability();
  BOOST_CHECK_EQUAL(ability.technique, "directory");
  BOOST_CHECK(!ability.enforced);
  BOOST_CHECK_EQUAL(ability.reason,
                    "plain folders have no size limit; no better");
  BOOST_REQUIRE(backend->ensure("7-1", mebibyte));
  BOOST_CHECK_EQUAL(backend->inspect("7-1").limit_bytes, 0U);
}

BOOST_FIXTURE_TEST_CASE(measures_a_volume_only_when_asked, directory_fixture) {
  auto backend = open().value();
  BOOST_CHECK(backend->usage("7-1").error().code == errc::no_such_reservation);
  const auto path = backend->ensure("7-1", mebibyte);
  BOOST_REQUIRE(path);
  std::filesystem::create_directory(*path + "/deep");
  BOOST_CHECK_EQUAL(write_file(*path + "/deep/file", 3 * mebibyte), 0);
  const auto uses = backend->usage("7-1");
  BOOST_REQUIRE(uses);
  BOOST_CHECK_GE(uses->disk_bytes.value_or(0), 3 * mebibyte);
  BOOST_CHECK(!uses->disk_bytes_max);
  // Growing and shrinking is a matter of the books alone here.
  BOOST_CHECK(backend->ensure("7-1", 2 * mebibyte) == path);
  BOOST_CHECK(std::filesystem::exists(*path + "/deep/file"));
}

BOOST_FIXTURE_TEST_CASE(a_volume_may_be_of_any_depth, directory_fixture) {
  auto backend = open().value();
  const auto path = backend->ensure("7-1", mebibyte);
  BOOST_REQUIRE(path);
  // Longer than any path may be: only a customer who walks down makes that.
  const std::string name(250, 'd');
  int place = ::open(path->c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < 100; ++i) {
    BOOST_REQUIRE_EQUAL(::mkdirat(place, name.c_str(), 0700), 0);
    const int deeper
      = ::openat(place, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    ::close(place);
    place = deeper;
  }
  ::close(place);
  BOOST_CHECK(backend->usage("7-1"));
  BOOST_CHECK(!backend->destroy("7-1"));
  BOOST_CHECK(std::filesystem::is_empty(scratch.pool()));
}

BOOST_FIXTURE_TEST_CASE(makes_and_removes_volumes_again_and_again,
                        directory_fixture) {
  auto backend = open().value();
  BOOST_CHECK(backend->inspect("7-1").state == presence::absent);
  BOOST_CHECK(!backend->destroy("7-1"));
  const auto path = backend->ensure("7-1", mebibyte);
  BOOST_REQUIRE(path);
  BOOST_CHECK_EQUAL(*path, scratch.pool() + "/7-1");
  std::filesystem::create_directory(*path + "/deep");
  std::ofstream{*path + "/deep/file"} << "text";
  BOOST_CHECK(open().value()->ensure("7-1", mebibyte) == path);
  BOOST_CHECK(std::filesystem::exists(*path + "/deep/file"));
  BOOST_CHECK(!backend->destroy("7-1"));
  BOOST_CHECK(!backend->destroy("7-1"));
  BOOST_CHECK(std::filesystem::is_empty(scratch.pool()));
}

BOOST_FIXTURE_TEST_CASE(follows_no_link_in_or_for_a_volume, directory_fixture) {
  auto backend = open().value();
  const auto treasure = scratch.root() + "/treasure";
  std::filesystem::create_directory(treasure);
  std::ofstream{treasure + "/gold"} << "gold";
  std::filesystem::create_directory_symlink(treasure, scratch.pool() + "/7-1");
  BOOST_CHECK(backend->inspect("7-1").state == presence::unknown);
  BOOST_CHECK(!backend->ensure("7-1", mebibyte));
  BOOST_CHECK(backend->destroy("7-1"));
  const auto path = backend->ensure("7-2", mebibyte);
  BOOST_REQUIRE(path);
  std::filesystem::create_directory_symlink(treasure, *path + "/link");
  BOOST_CHECK(!backend->destroy("7-2"));
  BOOST_CHECK(std::filesystem::exists(treasure + "/gold"));
}

BOOST_FIXTURE_TEST_CASE(refuses_ids_that_cannot_name_a_volume,
                        directory_fixture) {
  auto backend = open().value();
  for (const auto* id : {"", ".", "..", "../x", "a/b"}) {
    BOOST_CHECK(backend->ensure(id, mebibyte).error().code
                == errc::invalid_reservation);
    BOOST_CHECK(backend->destroy(id).code == errc::invalid_reservation);
    BOOST_CHECK(backend->inspect(id).state == presence::unknown);
  }
}

BOOST_FIXTURE_TEST_CASE(converges_when_broken_off_anywhere, directory_fixture) {
  break_off_everywhere([&](step_hook hook) { return open(hook); },
                       [](volume_backend& backend) {
                         const auto made = backend.ensure("7-1", mebibyte);
                         return made ? backend.destroy("7-1") : made.error();
                       },
                       [&](volume_backend& backend) {
                         BOOST_CHECK(backend.ensure("7-1", mebibyte));
                         BOOST_CHECK(!backend.destroy("7-1"));
                         BOOST_CHECK(std::filesystem::is_empty(scratch.pool()));
                       });
}

BOOST_FIXTURE_TEST_CASE(lists_its_volumes_and_nothing_foreign,
                        directory_fixture,
                        *boost::unit_test::precondition(root_is_there)) {
  auto backend = open().value();
  BOOST_CHECK_EQUAL(listed(*backend), "");
  BOOST_REQUIRE(backend->ensure("7-1", 1 * mebibyte));
  BOOST_REQUIRE(backend->ensure("8-2", 1 * mebibyte));
  std::filesystem::create_directory(scratch.pool() + "/of-the-operator");
  std::filesystem::create_directory(scratch.pool() + "/zdb+user");
  // A volume's name alone makes none.
  std::ofstream{scratch.pool() + "/9-1"} << "a file";
  BOOST_CHECK_EQUAL(listed(*backend), "7-1 8-2 ");
  // Another daemon sees the same: it comes from the disk.
  BOOST_CHECK_EQUAL(listed(*open().value()), "7-1 8-2 ");
  cannot_be_listed_by_nobody(*backend);
  BOOST_CHECK(!backend->destroy("8-2"));
  BOOST_CHECK_EQUAL(listed(*backend), "7-1 ");
}

BOOST_AUTO_TEST_SUITE_END()
