#include "messages/json/text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>

#include "messages/json/json.hpp"
#include "messages/json/scan.hpp"

namespace provision::json {

namespace {

constexpr std::string_view hex = "0123456789abcdef";

/// Bytes that cannot be copied as they are: escaped, or the start of
/// something that may be.
constexpr auto is_plain = [] {
  std::array<bool, 256> table{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte)
    table[byte] = true;
  for (unsigned char c : {'"', '\\', '<', '>', '&'})
    table[c] = false;
  return table;
}();

constexpr unsigned char at(std::string_view text, std::size_t index) noexcept {
  return static_cast<unsigned char>(text[index]);
}

void append_unicode_escape(std::string& out, unsigned char byte) {
  out += "\\u00";
  out += hex[byte >> 4U];
  out += hex[byte & 15U];
}

void append_ascii(std::string& out, unsigned char byte) {
  switch (byte) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  case 0x7F:
    out += '\x7F';
    return;
  default:
    append_unicode_escape(out, byte);
  }
}

/// Line and paragraph separator: fine in JSON, not in JavaScript.
bool starts_separator(std::string_view text) noexcept {
  return text.size() >= 3 && at(text, 0) == 0xE2 && at(text, 1) == 0x80
         && (at(text, 2) & 0xFEU) == 0xA8;
}

/// Appends what `text` starts with; yields how many bytes that were.
std::size_t append_beyond_ascii(std::string& out, std::string_view text) {
  if (starts_separator(text)) {
    out += at(text, 2) == 0xA8 ? "\\u2028" : "\\u2029";
    return 3;
  }
  auto length = utf8_length(text);
  if (length == 0) {
    out += "\\ufffd";
    return 1;
  }
  out += text.substr(0, length);
  return length;
}

template <class T>
void append_chars(std::string& out, T number) {
  std::array<char, 24> buffer{};
  auto end
    = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  out.append(buffer.data(), end);
}

} // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  auto first = at(text, 0);
  if (first < 0x80)
    return 1;
  if (first < 0xC2 || first > 0xF4)
    return 0;
  std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (text.size() < length)
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((at(text, i) & 0xC0U) != 0x80)
      return 0;
  auto second = at(text, 1);
  // Over-long forms, surrogates, and beyond U+10FFFF.
  if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)
      || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
    return 0;
  return length;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size();) {
    auto byte = at(text, i);
    if (is_plain[byte]) {
      ++i;
      continue;
    }
    out += text.substr(done, i - done);
    if (byte < 0x80) {
      append_ascii(out, byte);
      ++i;
    } else {
      i += append_beyond_ascii(out, text.substr(i));
    }
    done = i;
  }
  out += text.substr(done);
  out += '"';
}

void append_compact(std::string& out, std::string_view text) {
  bool in_string = false;
  std::size_t done = 0;
  auto flush = [&](std::size_t up_to) {
    out += text.substr(done, up_to - done);
    done = up_to;
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = at(text, i);
    if (in_string && byte == '\\') {
      ++i;
    } else if (byte == '"') {
      in_string = !in_string;
    } else if (!in_string && byte <= ' ') {
      flush(i);
      ++done;
    } else if (byte == '<' || byte == '>' || byte == '&') {
      flush(i);
      append_unicode_escape(out, byte);
      ++done;
    } else if (byte == 0xE2 && starts_separator(text.substr(i))) {
      flush(i);
      i += append_beyond_ascii(out, text.substr(i)) - 1;
      done = i + 1;
    }
  }
  flush(text.size());
}

void append_number(std::string& out, std::int64_t number) {
  append_chars(out, number);
}

void append_number(std::string& out, std::uint64_t number) {
  append_chars(out, number);
}

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  auto size = std::abs(number);
  if (size == 0 || (size >= 1e-6 && size < 1e21)) {
    std::array<char, 64> buffer{};
    auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                             number, std::chars_format::fixed)
                 .ptr;
    out.append(buffer.data(), end);
    return;
  }
  std::array<char, 32> buffer{};
  auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                            number, std::chars_format::scientific)
                .ptr;
  std::string_view form{buffer.data(), end};
  // Go writes e-7 where others write e-07.
  if (form.size() >= 4 && form.substr(form.size() - 4, 3) == "e-0") {
    out += form.substr(0, form.size() - 2);
    out += form.back();
    return;
  }
  out += form;
}

std::string quote(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_quoted(out, text);
  return out;
}

} // namespace provision::json
