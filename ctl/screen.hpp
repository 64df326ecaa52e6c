#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <rapidjson/document.h>

namespace provision::ctl {

/// Where a command writes to, and how.
struct screen {
  std::ostream& out;
  bool has_colour = false;
  bool as_json = false;
  bool is_terminal = false;
};

enum class paint : std::uint8_t { plain, good, bad, weak, strong };

/// `text` in a colour, if the screen has any.
std::string painted(const screen& to, paint how, std::string_view text);

/// The colour of a reservation's state or a node's health.
paint paint_of(std::string_view state);

/// Rows in columns; the first row is the heading. `widths_min` keeps columns
/// in place over several pages.
void print_table(const screen& to,
                 const std::vector<std::vector<std::string>>& rows,
                 const std::vector<std::size_t>& widths_min = {},
                 bool has_heading = true);

// -- reading answers ----------------------------------------------------------

using json_value = rapidjson::Value;

/// Null if the text is no JSON object.
rapidjson::Document parse(std::string_view text);

/// The member's text, number or truth as text; "" for null and no member.
std::string text_of(const json_value& object, const char* name);
std::uint64_t number_of(const json_value& object, const char* name);
/// An empty object or array if there is no such member.
const json_value& member(const json_value& object, const char* name);

/// "2021-02-25T09:21:00.123Z" -> "2021-02-25 09:21:00"; "-" for "".
std::string time_text(std::string_view rfc3339);

/// "10.0 GiB", "512 B"; "no limit" for null.
std::string size_text(const json_value& object, const char* name);

} // namespace provision::ctl
