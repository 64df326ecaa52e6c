#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::base58 {

/// `bytes` in the Bitcoin alphabet, without checksum and version; every
/// leading zero byte becomes a leading "1". Time grows with the square of the
/// size, so check the size of foreign input first.
std::string encode(std::string_view bytes);

/// The reverse, as slow. errc::malformed_input for a character outside the
/// alphabet.
expected<std::string> decode(std::string_view text);

} // namespace provision::base58
