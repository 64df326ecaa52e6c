#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "backends/host/output_files.hpp"
#include "shim/rotated_log.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/says.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace provision;
using namespace provision::test;

namespace output_files_test {
namespace {

const reservation_type container = reservation_types::container;

/// What a shim keeps of one container, eight bytes in each file.
struct kept_output {
  kept_output() { std::filesystem::create_directories(folder.path() + "/1-1"); }

  void write(const std::string& text) { log.write(text.data(), text.size()); }

  /// Until a file that is made now is younger than those before.
  void let_the_clock_tick() const {
    const auto path = folder.path() + "/clock";
    const auto born = [&] {
      std::filesystem::remove(path);
      std::ofstream{path} << "tick";
      struct statx facts = {};
      ::statx(AT_FDCWD, path.c_str(), 0, STATX_BTIME, &facts);
      return facts.stx_btime.tv_nsec;
    };
    const auto before = born();
    BOOST_REQUIRE(eventually([&] { return born() != before; }));
  }

  std::string tail(std::uint64_t lines) const {
    return reader.tail(container, "1-1", lines).value().text;
  }

  test::scratch_folder folder = {};
  shim::rotated_log log{folder.path() + "/1-1/log", 8, 2};
  output_reader reader = read_output_files({{container.name, folder.path()}});
};

} // namespace
} // namespace output_files_test

BOOST_FIXTURE_TEST_SUITE(output_files_test, kept_output)

BOOST_AUTO_TEST_CASE(shows_the_last_lines_across_files) {
  write("a\nb\nc\nd\ne\nf\ng");
  BOOST_CHECK_EQUAL(tail(100), "a\nb\nc\nd\ne\nf\ng");
  BOOST_CHECK_EQUAL(tail(3), "e\nf\ng");
  BOOST_CHECK_EQUAL(tail(1), "g");
  BOOST_CHECK_EQUAL(tail(0), "");
  write("\n");
  BOOST_CHECK_EQUAL(tail(2), "f\ng\n");
  BOOST_CHECK_EQUAL(tail(0), "");
}

BOOST_AUTO_TEST_CASE(goes_on_where_a_reader_was_although_files_are_renamed) {
  write("one\n");
  auto piece = reader.tail(container, "1-1", 10).value();
  std::string all = piece.text;
  for (const auto* text : {"two\n", "three\n", "four\n", "five\n"}) {
    write(text);
    piece = reader.after(container, "1-1", piece.next).value();
    BOOST_CHECK(!piece.has_gap);
    all += piece.text;
  }
  BOOST_CHECK_EQUAL(all, "one\ntwo\nthree\nfour\nfive\n");
  const auto nothing = reader.after(container, "1-1", piece.next).value();
  BOOST_CHECK_EQUAL(nothing.text, "");
  BOOST_CHECK(nothing.next == piece.next);
}

BOOST_AUTO_TEST_CASE(tells_a_reader_who_came_too_late) {
  write("1234567\n");
  const auto early = reader.tail(container, "1-1", 10).value();
  let_the_clock_tick();
  for (int i = 0; i < 4; ++i)
    write("abcdefg\n");
  const auto late = reader.after(container, "1-1", early.next).value();
  BOOST_CHECK(late.has_gap);
  BOOST_CHECK_EQUAL(late.text, "abcdefg\nabcdefg\nabcdefg\n");
}

BOOST_AUTO_TEST_CASE(hands_over_long_output_in_pieces) {
  shim::rotated_log big{folder.path() + "/1-1/log", 4U << 20U, 0};
  std::string written;
  for (int line = 0; written.size() < 3 * output_reader::bytes_max; ++line)
    written += "line " + std::to_string(line) + '\n';
  big.write(written.data(), written.size());
  std::string all;
  output_piece piece;
  do {
    piece = reader.after(container, "1-1", piece.next).value();
    BOOST_CHECK_LE(piece.text.size(), output_reader::bytes_max);
    all += piece.text;
  } while (!piece.text.empty());
  BOOST_CHECK(all == written);
  BOOST_CHECK(written.ends_with(tail(1'000'000)));
}

BOOST_AUTO_TEST_CASE(finds_nothing_of_an_unknown_workload_or_type) {
  const auto unknown = reader.tail(container, "2-1", 1);
  BOOST_CHECK(unknown.error().code == errc::no_such_reservation);
  const auto silent = reader.tail(reservation_types::volume, "1-1", 1);
  BOOST_CHECK(silent.error().code == errc::no_such_reservation);
  const auto outside = reader.tail(container, "../1-1", 1);
  BOOST_CHECK(outside.error().code == errc::malformed_input);
}

BOOST_AUTO_TEST_CASE(follows_no_link_out_of_the_folder) {
  std::ofstream{folder.path() + "/secret"} << "secret\n";
  std::filesystem::create_directories(folder.path() + "/3-1");
  std::filesystem::create_symlink(folder.path() + "/secret",
                                  folder.path() + "/3-1/log");
  BOOST_CHECK(!reader.tail(container, "3-1", 1));
}

BOOST_AUTO_TEST_SUITE_END()
