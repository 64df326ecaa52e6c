#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"
#include "messages/json/json.hpp"

namespace provision::json {

/// First byte from `at` on that a string cannot simply pass over: a quote, a
/// backslash or a control byte; `end` if there is none.
const char* find_special(const char* at, const char* end) noexcept;

/// Whether `text` is exactly one JSON value within the limits. Errors name the
/// byte. Does not look at UTF-8 and at surrogates.
error scan(std::string_view text, const limits& bounds);

/// Appends valid JSON without white space and HTML-escaped as Go does.
void append_compact(std::string& out, std::string_view text);

} // namespace provision::json
