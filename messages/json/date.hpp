#pragma once

#include <string_view>

#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision::json {

/// A date in the explorer's text forms: "" (the zero time), or
/// "(dd|yy|yyyy)/MM/(dd|yyyy)", optionally followed by blanks and
/// "H[am|pm]:M"; UTC. Fields out of range roll over. The form "MM/dd" is
/// refused: it means the current year, and reading must not depend on when.
expected<timestamp> parse_date(std::string_view text);

} // namespace provision::json
