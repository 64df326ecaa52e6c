#include "backends/host/kept_lines.hpp"

#include <boost/test/unit_test.hpp>

#include "shim/rotated_log.hpp"
#include "tests/support/scratch_folder.hpp"

using namespace provision;
using namespace provision::test;

namespace kept_lines_test {
namespace {

struct kept_stream {
  void write(const std::string& text) { log.write(text.data(), text.size()); }

  std::string path() const { return folder.path() + "/stdout"; }

  /// All that there is now, as one who begins at `from` reads it.
  static std::string all_of(kept_lines& lines) {
    std::string all;
    for (;;) {
      const auto some = lines.take().value();
      if (some.empty())
        return all;
      for (const auto& one : some)
        all += one;
      lines.done();
    }
  }

  scratch_folder folder = {};
  shim::rotated_log log{folder.path() + "/stdout", 4U << 10U, 1};
};

} // namespace
} // namespace kept_lines_test

BOOST_FIXTURE_TEST_SUITE(kept_lines_test, kept_stream)

BOOST_AUTO_TEST_CASE(yields_lines_once_they_are_ended) {
  kept_lines lines{path(), {}};
  BOOST_CHECK(lines.take().value().empty());
  write("one\ntwo\r\n\nthr");
  BOOST_CHECK_EQUAL(all_of(lines), "one\ntwo\n\n");
  BOOST_CHECK_EQUAL(all_of(lines), "");
  write("ee\n");
  BOOST_CHECK_EQUAL(all_of(lines), "three\n");
}

BOOST_AUTO_TEST_CASE(yields_them_again_until_they_are_done) {
  write("one\n");
  kept_lines lines{path(), {}};
  BOOST_CHECK(lines.take().value() == std::vector<std::string>{"one\n"});
  write("two\n");
  BOOST_CHECK(lines.take().value() == std::vector<std::string>{"one\n"});
  lines.done();
  BOOST_CHECK_EQUAL(all_of(lines), "two\n");
}

BOOST_AUTO_TEST_CASE(whoever_comes_later_goes_on_behind_what_is_done) {
  write("one\ntw");
  kept_lines early{path(), {}};
  BOOST_CHECK_EQUAL(all_of(early), "one\n");
  write("o\n");
  kept_lines late{path(), early.place()};
  BOOST_CHECK_EQUAL(all_of(late), "two\n");
}

BOOST_AUTO_TEST_CASE(a_line_may_begin_in_one_file_and_end_in_the_next) {
  const std::string first(4000, 'a');
  const std::string second(1000, 'b');
  write(first + '\n' + second.substr(0, 500));
  kept_lines lines{path(), {}};
  BOOST_CHECK_EQUAL(all_of(lines), first + '\n');
  write(second.substr(500) + "\nlast\n");
  // Whoever comes now has the same place, in the file that was renamed.
  kept_lines late{path(), lines.place()};
  BOOST_CHECK_EQUAL(all_of(lines), second + "\nlast\n");
  BOOST_CHECK_EQUAL(all_of(late), second + "\nlast\n");
  BOOST_CHECK(late.place() == lines.place());
}

BOOST_AUTO_TEST_CASE(what_was_lost_in_between_is_told) {
  write("one\n");
  kept_lines lines{path(), {}};
  BOOST_CHECK_EQUAL(all_of(lines), "one\n");
  const std::string line(1023, 'x');
  for (int i = 0; i < 12; ++i)
    write(line + '\n');
  const auto rest = all_of(lines);
  BOOST_CHECK(rest.starts_with("[output in between was not sent"));
  BOOST_CHECK(rest.ends_with(line + '\n'));
}

BOOST_AUTO_TEST_CASE(a_line_without_end_comes_in_parts) {
  shim::rotated_log big{path(), 1U << 20U, 1};
  const std::string endless(kept_lines::line_bytes_max + 5, 'x');
  big.write(endless.data(), endless.size());
  kept_lines lines{path(), {}};
  BOOST_CHECK_EQUAL(all_of(lines),
                    endless.substr(0, kept_lines::line_bytes_max) + '\n');
  big.write("\n", 1);
  BOOST_CHECK_EQUAL(all_of(lines), "xxxxx\n");
}

BOOST_AUTO_TEST_CASE(takes_a_few_at_a_time) {
  std::string many;
  for (int i = 0; i < 1000; ++i)
    many += '\n';
  write(many);
  kept_lines lines{path(), {}};
  BOOST_CHECK_EQUAL(lines.take().value().size(), kept_lines::lines_max);
  BOOST_CHECK_EQUAL(all_of(lines).size(), 1000);
}

BOOST_AUTO_TEST_SUITE_END()
