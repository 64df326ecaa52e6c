#include "messages/hex.hpp"

#include <cstddef>
#include <cstdint>

namespace provision::hex {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// Value of a digit; negative for any other character.
constexpr int value_of(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

} // namespace

std::string encode(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (auto c : bytes) {
    auto byte = static_cast<std::uint8_t>(c);
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

expected<std::string> decode(std::string_view text) {
  if (text.size() % 2 != 0)
    return fail(errc::malformed_input, "hex text of odd length");
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    auto high = value_of(text[i]);
    auto low = value_of(text[i + 1]);
    if (high < 0 || low < 0)
      return fail(errc::malformed_input, "a character that is not hex");
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

} // namespace provision::hex
