#include "logging/utf8.hpp"

namespace provision::log {
namespace {

std::uint32_t byte_at(std::string_view text, std::size_t i) noexcept {
  return static_cast<unsigned char>(text[i]);
}

/// Number of bytes that a character with this first byte has; 0 if none
/// starts so.
std::size_t length_by_first(std::uint32_t byte) noexcept {
  if (byte < 0x80)
    return 1;
  if (byte >= 0xC2 && byte <= 0xDF)
    return 2;
  if ((byte & 0xF0U) == 0xE0)
    return 3;
  return byte >= 0xF0 && byte <= 0xF4 ? 4 : 0;
}

} // namespace

utf8_character first_character(std::string_view text) noexcept {
  const auto first = byte_at(text, 0);
  const auto length = length_by_first(first);
  if (length == 0 || length > text.size())
    return {};
  // The first byte of a longer form gives 7 - length bits.
  auto code = length == 1 ? first : first & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0U) != 0x80)
      return {};
    code = (code << 6U) | (byte_at(text, i) & 0x3FU);
  }
  const bool overlong
    = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (overlong || surrogate || code > 0x10FFFF)
    return {};
  return {code, length, true};
}

bool is_control(std::uint32_t code) noexcept {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x061C
         || code == 0x200E || code == 0x200F
         || (code >= 0x2028 && code <= 0x202E)
         || (code >= 0x2066 && code <= 0x2069);
}

} // namespace provision::log
