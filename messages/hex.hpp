#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::hex {

/// `bytes` as lower-case hexadecimal text.
std::string encode(std::string_view bytes);

/// The reverse; upper case is accepted. errc::malformed_input for an odd
/// length or a foreign character.
expected<std::string> decode(std::string_view text);

} // namespace provision::hex
