#pragma once

#include <span>
#include <string>
#include <string_view>

#include "logging/log.hpp"

/// How a line reads. Whatever the values hold, a line stays one line: control
/// characters are escaped, so that nobody can forge a line or drive a terminal.
namespace provision::log {

/// "debug", "info", "warning", "error"; "off" for level::off.
std::string_view to_string(level severity) noexcept;

/// What follows the time in the text form:
/// `info  volume made reservation=7-1 path="/a b"`.
std::string text_line(level severity, std::string_view message,
                      std::string_view reservation,
                      std::span<const field> fields);

/// What follows the time in the JSON form, without the outer braces:
/// `"level":"info","message":"volume made","reservation":"7-1"`. Every value
/// is a string.
std::string json_line(level severity, std::string_view message,
                      std::string_view reservation,
                      std::span<const field> fields);

} // namespace provision::log
