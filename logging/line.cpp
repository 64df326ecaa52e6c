#include "logging/line.hpp"

#include <algorithm>

#include "logging/utf8.hpp"

namespace provision::log {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

void append_hex(std::string& out, std::uint32_t number, unsigned width) {
  for (unsigned i = width; i-- > 0;)
    out.append(1, digits[(number >> (4 * i)) & 15U]);
}

/// The escape of a control character; all of them are below U+10000.
void append_control(std::string& out, std::uint32_t code) {
  switch (code) {
  case '\n':
    out.append("\\n");
    return;
  case '\r':
    out.append("\\r");
    return;
  case '\t':
    out.append("\\t");
    return;
  default:
    out.append("\\u");
    append_hex(out, code, 4);
  }
}

/// `text` with control characters escaped. `quotes` escapes '"' and '\' too.
/// `broken` appends what stands for a byte that belongs to no character.
template <class Broken>
void append_escaped(std::string& out, std::string_view text, bool quotes,
                    Broken broken) {
  while (!text.empty()) {
    const auto next = first_character(text);
    if (!next.valid) {
      broken(static_cast<unsigned char>(text.front()));
    } else if (is_control(next.code)) {
      append_control(out, next.code);
    } else {
      if (quotes && (next.code == '"' || next.code == '\\'))
        out.append("\\");
      out.append(text.substr(0, next.length));
    }
    text.remove_prefix(next.length);
  }
}

void append_text(std::string& out, std::string_view text, bool quotes) {
  append_escaped(out, text, quotes, [&](unsigned char byte) {
    out.append("\\x");
    append_hex(out, byte, 2);
  });
}

/// A value in the text form: bare if it reads as one word, else in quotes.
void append_text_value(std::string& out, std::string_view value) {
  const bool bare = !value.empty() && std::ranges::all_of(value, [](char c) {
    return c > ' ' && c < 0x7F && c != '"' && c != '\\' && c != '=';
  });
  if (bare) {
    out.append(value);
    return;
  }
  out.append("\"");
  append_text(out, value, /*quotes=*/true);
  out.append("\"");
}

void append_text_field(std::string& out, std::string_view key,
                       std::string_view value) {
  out.append(" ");
  append_text(out, key, /*quotes=*/false);
  out.append("=");
  append_text_value(out, value);
}

void append_json_string(std::string& out, std::string_view text) {
  out.append("\"");
  append_escaped(out, text, /*quotes=*/true,
                 [&](unsigned char) { out.append("\\ufffd"); });
  out.append("\"");
}

void append_json_member(std::string& out, std::string_view key,
                        std::string_view value) {
  if (!out.empty())
    out.append(",");
  append_json_string(out, key);
  out.append(":");
  append_json_string(out, value);
}

} // namespace

std::string_view to_string(level severity) noexcept {
  switch (severity) {
  case level::debug:
    return "debug";
  case level::info:
    return "info";
  case level::warning:
    return "warning";
  case level::error:
    return "error";
  case level::off:
    break;
  }
  return "off";
}

std::string text_line(level severity, std::string_view message,
                      std::string_view reservation,
                      std::span<const field> fields) {
  // Messages start in one column below each other, "warning" apart.
  constexpr std::size_t column = 6;
  std::string out{to_string(severity)};
  out.append(out.size() < column ? column - out.size() : 1, ' ');
  append_text(out, message, /*quotes=*/false);
  if (!reservation.empty())
    append_text_field(out, "reservation", reservation);
  for (const auto& [key, value] : fields)
    append_text_field(out, key, value);
  return out;
}

std::string json_line(level severity, std::string_view message,
                      std::string_view reservation,
                      std::span<const field> fields) {
  std::string out;
  append_json_member(out, "level", to_string(severity));
  append_json_member(out, "message", message);
  if (!reservation.empty())
    append_json_member(out, "reservation", reservation);
  for (const auto& [key, value] : fields)
    append_json_member(out, key, value);
  return out;
}

} // namespace provision::log
