#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace provision::json {

/// Appends `text` as a JSON string with quotes, escaped as Go does. Bytes that
/// are not UTF-8 become the replacement character.
void append_quoted(std::string& out, std::string_view text);

void append_number(std::string& out, std::int64_t number);
void append_number(std::string& out, std::uint64_t number);
/// As Go: shortest form, with an exponent below 1e-6 and from 1e21 on. null
/// for what is no number.
void append_number(std::string& out, double number);

/// Bytes of the UTF-8 sequence that starts `text`; 0 if there is none.
std::size_t utf8_length(std::string_view text) noexcept;

} // namespace provision::json
