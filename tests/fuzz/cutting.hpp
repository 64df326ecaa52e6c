#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

/// How targets take their input apart.
namespace provision::fuzz {

/// What is before the first `mark`; `text` keeps what is behind it.
inline std::string_view cut_at(std::string_view& text, char mark) {
  const auto head = text.substr(0, text.find(mark));
  text.remove_prefix(std::min(head.size() + 1, text.size()));
  return head;
}

/// A number that depends on all of `bytes` (FNV-1a).
inline std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t number = 14695981039346656037U;
  for (const char c : bytes)
    number = (number ^ static_cast<std::uint8_t>(c)) * 1099511628211U;
  return number;
}

} // namespace provision::fuzz
