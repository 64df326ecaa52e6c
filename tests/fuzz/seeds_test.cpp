#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "messages/hex.hpp"
#include "tests/fuzz/mutator.hpp"
#include "tests/fuzz/targets.hpp"

using namespace provision;
using namespace provision::fuzz;

BOOST_AUTO_TEST_SUITE(seeds_test)

namespace {

constexpr unsigned seed = 20210225;
constexpr std::size_t mutations_per_target = 3000;
const std::string folder = "tests/fuzz/";

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  BOOST_REQUIRE_MESSAGE(file.is_open(), path << " cannot be read");
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::vector<std::string> corpus_of(const target& what) {
  std::vector<std::string> texts;
  for (const auto& file :
       std::filesystem::directory_iterator{folder + "corpus/" + what.name})
    texts.push_back(bytes_of(file.path()));
  // The folder's order is not the same everywhere.
  std::sort(texts.begin(), texts.end());
  BOOST_REQUIRE_MESSAGE(texts.size() >= 3, what.name << " has few seeds");
  return texts;
}

/// What is between the quotes of a dictionary's line, unescaped: \\, \", \xAB.
std::string unquoted(std::string_view line) {
  std::string piece;
  for (auto at = line.find('"') + 1; at < line.size() && line[at] != '"'; ++at)
    if (line[at] != '\\') {
      piece += line[at];
    } else if (line[++at] == 'x') {
      piece += hex::decode(line.substr(at + 1, 2)).value();
      at += 2;
    } else {
      piece += line[at];
    }
  return piece;
}

std::vector<std::string> dictionary_of(const target& what) {
  std::ifstream file{folder + "dictionary/" + what.name};
  std::vector<std::string> pieces;
  for (std::string line; std::getline(file, line);)
    if (line.starts_with('"'))
      pieces.push_back(unquoted(line));
  BOOST_REQUIRE_MESSAGE(!pieces.empty(), what.name << " has no dictionary");
  return pieces;
}

void run(const target& what, const std::string& bytes) {
  try {
    what.run(bytes);
  } catch (const std::exception& wrong) {
    BOOST_ERROR(what.name << ": " << wrong.what()
                          << "\ninput in hexadecimal: " << hex::encode(bytes));
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(every_promise_holds_for_seeds_and_what_is_made_of_them) {
  for (const auto& what : all_targets) {
    const auto texts = corpus_of(what);
    mutator source{texts, dictionary_of(what), seed};
    run(what, {});
    for (const auto& text : texts)
      run(what, text);
    for (std::size_t n = 0; n < mutations_per_target; ++n)
      run(what, source.mutate(texts[n % texts.size()]));
  }
}

BOOST_AUTO_TEST_SUITE_END()
