#include <algorithm>
#include <cctype>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/fuzz/json_target.hpp"
#include "tests/messages/golden.hpp"

using namespace provision;

namespace {

constexpr unsigned seed = 20210225;
constexpr int mutations_per_text = 250;

/// Pieces that mean something to a reader of JSON.
const std::vector<std::string> pieces{
  "null",
  "true",
  "0",
  "-1",
  "1e3",
  "1.5",
  "18446744073709551616",
  "\"\"",
  "\"x\"",
  "[]",
  "{}",
  "[",
  "]",
  "{",
  "}",
  ",",
  ":",
  "\"",
  "\\",
  "\\u0000",
  "\\ud800",
  "\xFF",
  "\xE2\x80\xA8",
  " ",
  "\n",
  "\"01/13/2019 9pm:61\"",
  "\"::ffff:1.2.3.4/120\"",
  "\"workload_type\":",
  "\"data\":",
  "\"epoch\":",
};

std::vector<std::string> golden_texts() {
  std::vector<std::string> texts;
  for (const auto* folder : {"documents", "reservations"})
    for (const auto& file : std::filesystem::directory_iterator{
           "tests/golden/" + std::string{folder}})
      if (file.path().extension() == ".json")
        texts.push_back(golden_text(std::string{folder} + "/"
                                    + file.path().filename().string()));
  // The folder's order is not the same everywhere.
  std::sort(texts.begin(), texts.end());
  return texts;
}

class mutator {
public:
  explicit mutator(std::vector<std::string> texts) : texts_{std::move(texts)} {}

  std::string mutate(std::string text) {
    for (auto changes = 1 + below(3); changes > 0; --changes)
      change(text);
    return below(4) == 0 ? "[" + text + "," + any_text() + "]" : text;
  }

private:
  std::size_t below(std::size_t end) { return random_() % end; }

  const std::string& any_text() { return texts_[below(texts_.size())]; }

  void change(std::string& text) {
    auto at = below(text.size() + 1);
    auto size = below(20);
    switch (below(6)) {
    case 0:
      text.insert(at, pieces[below(pieces.size())]);
      return;
    case 1:
      text.erase(at, size);
      return;
    case 2:
      if (at < text.size())
        text[at] = static_cast<char>(below(256));
      return;
    case 3:
      replace_value(text, at);
      return;
    case 4:
      text.insert(at, any_text().substr(0, 200), 0, size);
      return;
    default:
      swap_case(text, at);
    }
  }

  /// Puts a piece where a value is, so that the text often stays JSON.
  void replace_value(std::string& text, std::size_t at) {
    auto first = text.find(':', at);
    if (first == text.npos)
      return;
    auto end = text.find_first_of(",}", first);
    text.replace(first + 1, end - first - 1, pieces[below(pieces.size())]);
  }

  static void swap_case(std::string& text, std::size_t at) {
    for (auto end = std::min(text.size(), at + 30); at < end; ++at)
      if (std::isalpha(static_cast<unsigned char>(text[at])) != 0)
        text[at] = static_cast<char>(text[at] ^ 0x20);
  }

  std::vector<std::string> texts_;
  std::mt19937 random_{seed};
};

} // namespace

BOOST_AUTO_TEST_SUITE(json_mutation_test)

BOOST_AUTO_TEST_CASE(stays_sound_and_stable_whatever_the_bytes_say) {
  auto texts = golden_texts();
  BOOST_REQUIRE(texts.size() >= 20U);
  mutator source{texts};
  for (const auto& text : texts)
    for (int i = 0; i < mutations_per_text; ++i) {
      auto mutated = source.mutate(text);
      try {
        fuzz::run(mutated);
      } catch (const std::exception& wrong) {
        BOOST_ERROR(wrong.what() << "\nread from: " << mutated);
      }
    }
}

BOOST_AUTO_TEST_SUITE_END()
