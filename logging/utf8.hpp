#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace provision::log {

/// The character at the start of a text.
struct utf8_character {
  /// The code point; meaningless unless `valid`.
  std::uint32_t code = 0;
  /// Bytes that it takes; 1 for a byte that starts no character.
  std::size_t length = 1;
  bool valid = false;
};

/// The first character of `text`, which is not empty. Overlong forms,
/// surrogates and code points above U+10FFFF are not valid.
utf8_character first_character(std::string_view text) noexcept;

/// Whether printing this character may move the cursor, start a new line or
/// change the reading direction: C0, DEL, C1, line and paragraph separators
/// and the bidirectional controls.
bool is_control(std::uint32_t code) noexcept;

} // namespace provision::log
