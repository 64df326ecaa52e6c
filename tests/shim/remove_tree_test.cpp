#include "shim/remove_tree.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "tests/support/scratch_folder.hpp"
#include "tests/support/unless.hpp"

using namespace provision;

namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(remove_tree_test)

namespace {

struct tree_fixture {
  tree_fixture() {
    fs::create_directory(tree);
    std::ofstream{root + "/treasure"} << "gold";
  }
  ~tree_fixture() { BOOST_CHECK(fs::exists(root + "/treasure")); }

  std::string why_not_removed() const {
    const auto failed = shim::remove_tree(tree);
    return failed ? to_string(failed) : "";
  }

  const test::scratch_folder scratch;
  const std::string root = scratch.path();
  const std::string tree = root + "/tree";
};

/// Folders in one another, with a file in each.
void dig(const std::string& top, int depth) {
  const std::string name(200, 'd');
  int place = ::open(top.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  for (int i = 0; i < depth; ++i) {
    BOOST_REQUIRE_EQUAL(::mkdirat(place, name.c_str(), 0700), 0);
    const int file
      = ::openat(place, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    BOOST_REQUIRE_GE(file, 0);
    ::close(file);
    const int deeper
      = ::openat(place, name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    BOOST_REQUIRE_GE(deeper, 0);
    ::close(place);
    place = deeper;
  }
  ::close(place);
}

/// No more files may be open than these, for as long as it lives.
struct few_files {
  explicit few_files(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before);
    const rlimit now{most, before.rlim_max};
    BOOST_REQUIRE_EQUAL(::setrlimit(RLIMIT_NOFILE, &now), 0);
  }
  ~few_files() { ::setrlimit(RLIMIT_NOFILE, &before); }

  rlimit before = {};
};

boost::test_tools::assertion_result can_mount(boost::unit_test::test_unit_id) {
  return test::unless(::geteuid() == 0 ? "" : "needs root to mount");
}

} // namespace

BOOST_FIXTURE_TEST_CASE(removes_files_and_folders, tree_fixture) {
  fs::create_directories(tree + "/a/b");
  std::ofstream{tree + "/a/b/file"} << "text";
  std::ofstream{tree + "/file"} << "text";
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  BOOST_CHECK(!fs::exists(tree));
  // Absent is a success; a lone file is a tree, too.
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  std::ofstream{tree} << "text";
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  BOOST_CHECK(!fs::exists(tree));
}

BOOST_FIXTURE_TEST_CASE(depth_needs_neither_open_files_nor_long_paths,
                        tree_fixture) {
  // Sixty times as long as a path may be.
  dig(tree, 1200);
  const few_files limited{32};
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  BOOST_CHECK(!fs::exists(tree));
}

BOOST_FIXTURE_TEST_CASE(is_not_misled_by_names_that_it_uses_itself,
                        tree_fixture) {
  for (const auto* name : {"/removing-1/a/removing-2/b", "/removing-2/a/b",
                           "/x/removing-1/y/z", "/removing-3"})
    fs::create_directories(tree + name);
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  BOOST_CHECK(!fs::exists(tree));
}

BOOST_FIXTURE_TEST_CASE(follows_no_link, tree_fixture) {
  const auto elsewhere = root + "/elsewhere";
  fs::create_directories(elsewhere + "/deep");
  std::ofstream{elsewhere + "/deep/kept"} << "kept";
  fs::create_directories(tree + "/a/b");
  fs::create_directory_symlink(elsewhere, tree + "/link");
  fs::create_directory_symlink(elsewhere + "/deep", tree + "/a/b/link");
  fs::create_hard_link(root + "/treasure", tree + "/a/hard");
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  BOOST_CHECK(!fs::exists(tree));
  BOOST_CHECK(fs::exists(elsewhere + "/deep/kept"));
  // Nor is it one itself.
  fs::create_directory_symlink(elsewhere, tree);
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  BOOST_CHECK(!fs::is_symlink(tree));
  BOOST_CHECK(fs::exists(elsewhere + "/deep/kept"));
}

BOOST_FIXTURE_TEST_CASE(removes_pipes_and_sockets_without_opening_them,
                        tree_fixture) {
  fs::create_directory(tree + "/a");
  BOOST_REQUIRE_EQUAL(::mkfifo((tree + "/a/pipe").c_str(), 0600), 0);
  BOOST_CHECK_EQUAL(why_not_removed(), "");
  BOOST_CHECK(!fs::exists(tree));
}

BOOST_FIXTURE_TEST_CASE(reaches_into_nothing_that_is_mounted, tree_fixture,
                        *boost::unit_test::precondition(can_mount)) {
  const auto point = tree + "/a/b";
  fs::create_directories(point);
  BOOST_REQUIRE_EQUAL(
    ::mount("tmpfs", point.c_str(), "tmpfs", MS_NODEV, "size=64k"), 0);
  std::ofstream{point + "/kept"} << "kept";
  BOOST_CHECK_NE(why_not_removed(), "");
  // Wherever it is now: it has its content.
  bool kept = false;
  for (const auto& one : fs::recursive_directory_iterator{tree})
    kept = kept || one.path().filename() == "kept";
  BOOST_CHECK(kept);
  for (const auto& one : fs::directory_iterator{tree + "/a"})
    ::umount2(one.path().c_str(), MNT_DETACH);
  for (const auto& one : fs::directory_iterator{tree})
    ::umount2(one.path().c_str(), MNT_DETACH);
  BOOST_CHECK_EQUAL(why_not_removed(), "");
}

BOOST_AUTO_TEST_SUITE_END()
