#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "actors/sources/replay_source.hpp"
#include "tests/fuzz/cutting.hpp"
#include "tests/fuzz/decoded_check.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/deterministic.hpp"

namespace provision::fuzz {

namespace {

/// Lines of the input are rarely longer, and the limit must be met, too.
constexpr std::size_t line_bytes_max = 2048;

struct read_document {
  std::string text = {};
  text_form form = {};
  /// Place of the page that brought it, and the cursor behind that page.
  std::size_t page = 0;
  std::uint64_t cursor = 0;

  bool same_as(const read_document& other) const {
    return text == other.text && form == other.form;
  }
};

testing::deterministic& actors() {
  // Not destroyed: an actor system must not end in the wrong order.
  static auto* const shared = new testing::deterministic;
  return *shared;
}

std::vector<read_document> read(std::string_view bytes, std::uint64_t from,
                                std::size_t page_size) {
  auto source = actors().system.spawn(
    replay_source, std::make_shared<std::istringstream>(std::string{bytes}),
    replay_source_options{
      .from = from, .line_bytes_max = line_bytes_max, .page_size = page_size});
  std::vector<read_document> found;
  auto cursor = from;
  for (std::size_t page = 0;; ++page) {
    auto got = actors().ask<source_page>(source, next_page{});
    if (!got) {
      require(got.error().code == errc::end_of_stream, "a replay only ends");
      break;
    }
    require(page <= bytes.size(), "a replay ends");
    require(got->cursor >= cursor, "the cursor never goes back");
    require(got->documents.size() <= page_size, "a page is not too large");
    cursor = *got->cursor;
    for (auto& document : got->documents)
      found.push_back(
        {std::string{document.text}, document.form, page, cursor});
  }
  caf::anon_send_exit(source, caf::exit_reason::user_shutdown);
  actors().run();
  return found;
}

void check_same(const std::vector<read_document>& some, std::size_t from,
                const std::vector<read_document>& others,
                std::string_view promise) {
  require(some.size() - from == others.size(), promise);
  for (std::size_t n = 0; n < others.size(); ++n)
    require(some[from + n].same_as(others[n]), promise);
}

/// Whoever stops behind a page goes on with the next document.
void check_resuming(std::string_view bytes,
                    const std::vector<read_document>& all) {
  if (all.empty())
    return;
  const auto& stop = all[number_in(bytes) % all.size()];
  std::size_t behind = 0;
  while (behind < all.size() && all[behind].page <= stop.page)
    ++behind;
  check_same(all, behind, read(bytes, stop.cursor, 3),
             "a replay goes on where it stopped");
}

} // namespace

void replay_file(std::string_view bytes) {
  const auto all = read(bytes, 0, 3);
  check_same(all, 0, read(bytes, 0, 200), "pages of any size hold the same");
  check_resuming(bytes, all);
  for (const auto& document : all) {
    require(document.text.size() <= line_bytes_max + 1, "a line is limited");
    check_decoded(decode(own_text(document.text, document.form), "node"),
                  document.text);
  }
}

} // namespace provision::fuzz
