#include "messages/base58.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace provision::base58 {

namespace {

constexpr std::string_view alphabet
  = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Adds `digit` to `number` * `factor`. `number` has its lowest digit first,
/// all in base `base`.
void multiply_add(std::vector<std::uint8_t>& number, std::uint32_t factor,
                  std::uint32_t digit, std::uint32_t base) {
  auto carry = digit;
  for (auto& place : number) {
    carry += place * factor;
    place = static_cast<std::uint8_t>(carry % base);
    carry /= base;
  }
  for (; carry != 0; carry /= base)
    number.push_back(static_cast<std::uint8_t>(carry % base));
}

/// How many times `text` starts with `c`.
std::size_t leading(std::string_view text, char c) noexcept {
  return std::min(text.find_first_not_of(c), text.size());
}

} // namespace

std::string encode(std::string_view bytes) {
  auto zeros = leading(bytes, '\0');
  std::vector<std::uint8_t> digits;
  for (auto byte : bytes.substr(zeros))
    multiply_add(digits, 256, static_cast<std::uint8_t>(byte), 58);
  std::string text(zeros, '1');
  std::for_each(digits.rbegin(), digits.rend(),
                [&text](auto digit) { text += alphabet[digit]; });
  return text;
}

expected<std::string> decode(std::string_view text) {
  auto ones = leading(text, '1');
  std::vector<std::uint8_t> digits;
  for (auto c : text.substr(ones)) {
    auto digit = alphabet.find(c);
    if (digit == std::string_view::npos)
      return fail(errc::malformed_input,
                  "a character outside the base58 alphabet");
    multiply_add(digits, 58, static_cast<std::uint32_t>(digit), 256);
  }
  std::string bytes(ones, '\0');
  bytes.append(digits.rbegin(), digits.rend());
  return bytes;
}

} // namespace provision::base58
