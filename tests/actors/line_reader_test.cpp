#include "actors/sources/line_reader.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>
#include <streambuf>
#include <vector>

using namespace provision;

namespace line_reader_test {
namespace {

/// A stream whose bytes come in pieces, as those of a pipe do.
class pieces : public std::streambuf {
public:
  explicit pieces(std::vector<std::string> all) : all_{std::move(all)} {}

  /// How many were asked for.
  std::size_t taken() const { return taken_; }

protected:
  int_type underflow() override {
    if (taken_ == all_.size())
      return traits_type::eof();
    auto& piece = all_[taken_++];
    setg(piece.data(), piece.data(), piece.data() + piece.size());
    return traits_type::to_int_type(piece.front());
  }

private:
  std::vector<std::string> all_;
  std::size_t taken_ = 0;
};

struct fixture {
  std::vector<std::string> lines_of(std::vector<std::string> all,
                                    std::size_t bytes_max = 100) {
    bytes = std::make_unique<pieces>(std::move(all));
    line_reader reader{std::make_shared<std::istream>(bytes.get()), bytes_max};
    std::vector<std::string> found;
    for (std::string line; reader.next(line);)
      found.push_back(line);
    return found;
  }

  std::unique_ptr<pieces> bytes;
};

using strings = std::vector<std::string>;

} // namespace
} // namespace line_reader_test

BOOST_FIXTURE_TEST_SUITE(line_reader_test, fixture)

BOOST_AUTO_TEST_CASE(puts_a_line_together_that_comes_in_pieces) {
  BOOST_TEST(lines_of({"fi", "rs", "t\nsec", "ond", "\n"})
               == (strings{"first", "second"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reads_several_lines_of_one_piece) {
  BOOST_TEST(lines_of({"a\n\nb\nc"}) == (strings{"a", "", "b", "c"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(cuts_a_line_over_several_pieces_and_reads_on_behind_it) {
  BOOST_TEST(lines_of({"1234", "5678", "9\nok\n"}, 5)
               == (strings{"123456", "ok"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(does_not_wait_for_more_than_its_line) {
  bytes = std::make_unique<pieces>(strings{"one\n", "two\n"});
  line_reader reader{std::make_shared<std::istream>(bytes.get()), 100};
  std::string line;
  BOOST_TEST(reader.next(line));
  BOOST_TEST(bytes->taken() == 1U);
}

BOOST_AUTO_TEST_CASE(finds_nothing_in_an_empty_stream) {
  BOOST_TEST(lines_of({}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
