// A node's state in files: moved to another place, and told to support.
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/journeys/household.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace ctl_state_test {
namespace {

std::string contents_of(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace
} // namespace ctl_state_test

BOOST_FIXTURE_TEST_SUITE(ctl_state_test, household)

BOOST_AUTO_TEST_CASE(a_nodes_state_moves_to_an_empty_store) {
  start();
  give(volume("100-1") + too_large("101-1"), "101-1");
  auto file = node.file("node.state");
  says(ends(1, {"export", file}).err, "in use");
  BOOST_CHECK(!std::filesystem::exists(file));
  auto before = ends(0, {"list", "-o", "wide"}).out;
  stop();
  says(ends(0, {"export", file}).out, "of node " + node_id);
  struct stat about {};
  BOOST_REQUIRE_EQUAL(::stat(file.c_str(), &about), 0);
  BOOST_CHECK_EQUAL(about.st_mode & 0777U, 0600U);
  ends(1, {"export", file});
  auto store = node.data_dir() + "/store";
  says(ends(1, {"import", file}).err, "is not empty");
  // A file that is not whole makes no store.
  auto elsewhere = node.file("elsewhere");
  auto whole = contents_of(file);
  auto changed = whole;
  changed[whole.size() / 2] ^= 1;
  says(
    ends(1, {"import", "--store", elsewhere, node.write("bad", changed)}).err,
    "the file");
  says(ends(1, {"import", "--store", elsewhere,
                node.write("bad", whole.substr(0, whole.size() - 40))})
         .err,
       "cut off");
  says(
    ends(1, {"import", "--store", elsewhere, node.write("bad", "hello")}).err,
    "holds no state");
  BOOST_CHECK(!std::filesystem::exists(elsewhere));
  std::filesystem::remove_all(store);
  says(ends(0, {"import", file}).out, "imported and checked");
  ends(0, {"journal", "verify", store});
  start();
  BOOST_CHECK_EQUAL(ends(0, {"list", "-o", "wide"}).out, before);
  ends(0, {"journal", "verify"});
}

BOOST_AUTO_TEST_CASE(a_bundle_tells_much_and_no_secret) {
  start();
  auto secretive = testing::a_volume("100-1");
  secretive.data = R"({"size":10,"type":"ssd","password":"swordfish2"})";
  secretive.tag.source = "swordfish3";
  give(line(secretive), "100-1");
  ends(0, {"submit",
           node.write("odd.json", R"({"id":"1 1","password":"swordfish4"})")});
  ends(0, {"cancel", "100-1", "--reason",
           "its api_key: swordfish5 and Password=swordfish6 leaked, see "
           "http://root:swordfish7@host/"});
  auto config_file
    = node.write("extra.conf", contents_of(config)
                                 + "# token = \"swordfish8\"\n"
                                   "# http://me:swordfish1@proxy/\n");
  auto file = node.file("bundle.tar.gz");
  ends(0, {"bundle", file, "--config", config_file});
  auto place = node.file("unpacked");
  std::filesystem::create_directory(place);
  auto unpacked = run_program("/usr/bin/tar", {"-xzf", file, "-C", place});
  BOOST_REQUIRE_EQUAL(unpacked.code, 0);
  auto key = contents_of(node.data_dir() + "/identity.key");
  std::string all;
  std::size_t files = 0;
  for (auto& one : std::filesystem::recursive_directory_iterator{place})
    if (one.is_regular_file()) {
      all += contents_of(one.path());
      ++files;
    }
  BOOST_CHECK_GE(files, 14U);
  auto found = all.find("swordfish");
  auto around = found == std::string::npos ? 0 : found - std::min(found, 200UL);
  BOOST_CHECK_MESSAGE(found == std::string::npos, all.substr(around, 260));
  BOOST_CHECK_EQUAL(all.find(key), std::string::npos);
  // And it is of use.
  says(all, node_id);
  says(all, "(removed)");
  says(all, "100-1");
  says(all, "leaked, see http://(removed)@host/");
  says(all, "provisiond_");
  says(all, "[volumes]");
}

BOOST_AUTO_TEST_SUITE_END()
