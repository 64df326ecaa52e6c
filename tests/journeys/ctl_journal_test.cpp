// The journal's chain with the real programs.
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "tests/journeys/household.hpp"

using namespace provision;
using namespace provision::journeys;
using namespace provision::test;

namespace ctl_journal_test {
namespace {

struct archive : household {
  using lines = std::vector<std::string>;

  static lines lines_of(const std::string& file) {
    lines all;
    std::ifstream in{file};
    for (std::string line; std::getline(in, line);)
      all.push_back(line);
    return all;
  }

  /// The verdict about these lines as a file.
  ending verdict_about(const lines& all, int code) {
    std::string text;
    for (auto& line : all)
      text += line + "\n";
    return ends(code, {"journal", "verify", node.write("changed.jsonl", text)});
  }

  /// A line's place in an exported file, whose first line is the heading.
  static void change(std::string& line, const std::string& from,
                     const std::string& to) {
    auto at = line.find(from);
    BOOST_REQUIRE_NE(at, std::string::npos);
    line.replace(at, from.size(), to);
  }
};

} // namespace
} // namespace ctl_journal_test

BOOST_FIXTURE_TEST_SUITE(ctl_journal_test, archive)

BOOST_AUTO_TEST_CASE(tampering_with_an_exported_journal_is_found) {
  start();
  give(volume("100-1") + volume("101-1") + too_large("102-1"), "102-1");
  says(ends(0, {"journal", "verify"}).out, "6 lines of node " + node_id);
  says(ends(0, {"journal"}).out, "provisioned");
  BOOST_CHECK_EQUAL(
    ends(0, {"--json", "journal", "list", "--last", "1"}).out.find("\"row\""),
    ends(0, {"--json", "journal", "list", "--after", "5"}).out.find("\"row\""));
  auto file = node.file("journal.jsonl");
  ends(0, {"journal", "export", file});
  const auto whole = lines_of(file);
  BOOST_REQUIRE_EQUAL(whole.size(), 7U);
  says(verdict_about(whole, 0).out, "0 problems");
  // What people read, and what counts.
  auto edited = whole;
  change(edited[3], "accepted", "refused");
  says(verdict_about(edited, 1).out,
       "line 3: event is not what the line's bytes say");
  auto row = whole;
  auto digit = row[3].find("\"row\":\"") + 30;
  row[3][digit] = row[3][digit] == '0' ? '1' : '0';
  says(verdict_about(row, 1).out, "line 3: journal row: checksum");
  auto removed = whole;
  removed.erase(removed.begin() + 2);
  says(verdict_about(removed, 1).out, "line 2: is missing");
  auto swapped = whole;
  std::swap(swapped[2], swapped[3]);
  says(verdict_about(swapped, 1).out, "line 2");
  auto cut = whole;
  cut.pop_back();
  says(verdict_about(cut, 1).out, "line 6: is missing");
  auto sealed = whole;
  change(sealed[0], "\"last\":6", "\"last\":5");
  says(verdict_about(sealed, 1).out, "the seal's signature does not match");
  // A file that is no journal.
  ends(1, {"journal", "verify", config});
}

BOOST_AUTO_TEST_CASE(a_stopped_nodes_journal_is_verified_in_its_store) {
  start();
  give(volume("100-1"), "100-1");
  auto store = node.data_dir() + "/store";
  auto seen = ends(0, {"journal", "verify"}).out;
  auto known = seen.substr(seen.find("newest line ") + 12);
  known.pop_back();
  says(ends(1, {"journal", "verify", store}).err, "in use");
  // Whatever it was at, the chain holds.
  node.signal(SIGKILL);
  BOOST_REQUIRE(node.wait());
  says(ends(0, {"journal", "verify", store}).out, "0 problems");
  ends(0, {"journal", "verify", store, "--known", known});
  auto other = known;
  other.back() = other.back() == '0' ? '1' : '0';
  says(ends(1, {"journal", "verify", store, "--known", other}).out,
       "is another one than the one that is known");
  ends(2, {"journal", "verify", store, "--known", "7"});
  auto as_json = ends(0, {"--json", "journal", "verify", store}).out;
  says(as_json, "\"sound\":true");
  start();
  ends(0, {"journal", "verify", "--known", known});
}

BOOST_AUTO_TEST_SUITE_END()
