#include "backends/host/choose_volume_backend.hpp"

#include <cerrno>

#include "backends/host/directory_volume_backend.hpp"
#include "tests/backends/scratch_pool.hpp"

using namespace provision;
using namespace provision::test;

BOOST_AUTO_TEST_SUITE(choose_volume_backend_test)

namespace {

config::volume_settings asking_for(std::string technique) {
  config::volume_settings result;
  result.technique = std::move(technique);
  result.pool_image_size = 1;
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(finds_a_technique_that_holds_limits, scratch_pool,
                        *boost::unit_test::precondition(root_is_there)) {
  auto backend = choose_volume_backend(asking_for("auto"), pool());
  BOOST_REQUIRE_MESSAGE(backend, why(backend));
  const auto ability = (*backend)->ability();
  BOOST_TEST_MESSAGE(ability.technique << ' ' << ability.reason);
  BOOST_CHECK_EQUAL(ability.technique, "btrfs");
  BOOST_CHECK(ability.enforced);
  BOOST_CHECK(!prove_limit(**backend, 8 * mebibyte));
  BOOST_CHECK(!std::filesystem::exists(pool() + ".probe"));
  BOOST_CHECK(!std::filesystem::exists(pool() + ".probe.img"));
}

BOOST_FIXTURE_TEST_CASE(leaves_volumes_in_place_when_the_daemon_stops,
                        scratch_pool,
                        *boost::unit_test::precondition(root_is_there)) {
  std::string path;
  {
    auto backend = choose_volume_backend(asking_for("ext4-image"), pool());
    BOOST_REQUIRE_MESSAGE(backend, why(backend));
    path = (*backend)->ensure("7-1", 8 * mebibyte).value();
    BOOST_CHECK_EQUAL(write_file(path + "/file", mebibyte), 0);
  }
  BOOST_CHECK(std::filesystem::exists(path + "/file"));
  // "auto" keeps what the pool was made with.
  auto again = choose_volume_backend(asking_for("auto"), pool());
  BOOST_REQUIRE(again);
  BOOST_CHECK_EQUAL((*again)->ability().technique, "ext4-image");
  BOOST_CHECK((*again)->inspect("7-1").state == presence::present);
  const auto other = choose_volume_backend(asking_for("btrfs"), pool());
  BOOST_REQUIRE(!other);
  BOOST_CHECK(other.error().code == errc::invalid_configuration);
  BOOST_CHECK(other.error().message.find("ext4-image") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(takes_plain_folders_if_told_to, scratch_pool) {
  const auto backend = choose_volume_backend(asking_for("directory"), pool());
  BOOST_REQUIRE(backend);
  BOOST_CHECK_EQUAL((*backend)->ability().technique, "directory");
  BOOST_CHECK(!(*backend)->ability().enforced);
}

BOOST_FIXTURE_TEST_CASE(refuses_a_technique_it_does_not_know, scratch_pool) {
  const auto backend = choose_volume_backend(asking_for("zfs"), pool());
  BOOST_REQUIRE(!backend);
  BOOST_CHECK(backend.error().code == errc::invalid_configuration);
}

BOOST_FIXTURE_TEST_CASE(proves_limits_by_writing_past_them, scratch_pool) {
  auto backend = directory_volume_backend::open(pool(), "").value();
  const auto err = prove_limit(*backend, mebibyte);
  BOOST_CHECK(err.code == errc::backend_failure);
  BOOST_CHECK_EQUAL(err.message,
                    "directory does not hold the limit of a volume here");
  BOOST_CHECK(std::filesystem::is_empty(pool()));
}

BOOST_FIXTURE_TEST_CASE(releases_nothing_that_is_not_its_own, scratch_pool) {
  BOOST_CHECK(!release_pool(root() + "/absent"));
  BOOST_CHECK(!release_pool(root()));
}

BOOST_AUTO_TEST_SUITE_END()
