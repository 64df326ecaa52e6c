#pragma once

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace provision::fuzz {

/// Makes new inputs of old ones: a small, repeatable stand-in for the fuzzer.
class mutator {
public:
  /// `pieces` mean something to the target: words, marks, borders.
  mutator(std::vector<std::string> texts, std::vector<std::string> pieces,
          unsigned seed)
    : texts_{std::move(texts)}, pieces_{std::move(pieces)}, random_{seed} {}

  std::string mutate(std::string text) {
    for (auto changes = 1 + below(3); changes > 0; --changes)
      change(text);
    return text;
  }

private:
  std::size_t below(std::size_t end) { return random_() % end; }

  const std::string& any_of(const std::vector<std::string>& some) {
    return some[below(some.size())];
  }

  void change(std::string& text) {
    const auto at = below(text.size() + 1);
    const auto size = below(20);
    switch (below(6)) {
    case 0:
      text.insert(at, any_of(pieces_));
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
      text.insert(at, any_of(texts_).substr(0, 200), 0, size);
      return;
    default:
      swap_case(text, at);
    }
  }

  /// Puts a piece where a value is, so that JSON often stays JSON, and a header
  /// a header.
  void replace_value(std::string& text, std::size_t at) {
    const auto first = text.find_first_of(":=", at);
    if (first == std::string::npos)
      return;
    const auto end = std::min(text.find_first_of(",}\n", first), text.size());
    text.replace(first + 1, end - first - 1, any_of(pieces_));
  }

  static void swap_case(std::string& text, std::size_t at) {
    for (auto end = std::min(text.size(), at + 30); at < end; ++at)
      if (std::isalpha(static_cast<unsigned char>(text[at])) != 0)
        text[at] = static_cast<char>(text[at] ^ 0x20);
  }

  std::vector<std::string> texts_;
  std::vector<std::string> pieces_;
  std::mt19937 random_;
};

} // namespace provision::fuzz
