#pragma once

#include <array>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace provision {

/// Tells one text from another; no safeguard.
inline std::string text_digest(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const unsigned char byte : text)
    hash = (hash ^ byte) * 1099511628211ULL;
  std::array<char, 16> digits{};
  const auto written
    = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16);
  return {digits.data(), written.ptr};
}

} // namespace provision
