#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::base64 {

/// `bytes` in the standard alphabet, with padding.
std::string encode(std::string_view bytes);

/// The reverse. Line breaks are skipped, as the original does.
/// errc::malformed_input for foreign characters, and for missing or misplaced
/// padding.
expected<std::string> decode(std::string_view text);

} // namespace provision::base64
