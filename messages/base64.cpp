#include "messages/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace provision::base64 {

namespace {

constexpr std::string_view alphabet
  = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::int8_t no_digit = -1;

constexpr auto values = [] {
  std::array<std::int8_t, 256> table{};
  table.fill(no_digit);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int8_t>(i);
  return table;
}();

std::uint32_t byte_at(std::string_view bytes, std::size_t index) noexcept {
  return index < bytes.size() ? static_cast<std::uint8_t>(bytes[index]) : 0U;
}

} // namespace

std::string encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto group = byte_at(bytes, i) << 16U | byte_at(bytes, i + 1) << 8U
                 | byte_at(bytes, i + 2);
    text += alphabet[group >> 18U];
    text += alphabet[group >> 12U & 63U];
    text += i + 1 < bytes.size() ? alphabet[group >> 6U & 63U] : '=';
    text += i + 2 < bytes.size() ? alphabet[group & 63U] : '=';
  }
  return text;
}

expected<std::string> decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  std::uint32_t group = 0;
  std::size_t digits = 0;
  std::size_t padding = 0;
  for (auto c : text) {
    if (c == '\n' || c == '\r')
      continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    auto value = values[static_cast<std::uint8_t>(c)];
    if (value == no_digit || padding != 0)
      return fail(errc::malformed_input, "a character that is not base64");
    group = group << 6U | static_cast<std::uint32_t>(value);
    ++digits;
    // Every digit after the first of a group of four completes a byte.
    if (auto left = digits % 4; left != 1)
      bytes += static_cast<char>(group >> ((4 - left) % 4 * 2) & 255U);
  }
  auto missing = (4 - digits % 4) % 4;
  if (digits % 4 == 1 || padding != missing)
    return fail(errc::malformed_input, "base64 text with wrong padding");
  return bytes;
}

} // namespace provision::base64
