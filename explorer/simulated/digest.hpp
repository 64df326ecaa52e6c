#pragma once

#include <string>
#include <string_view>

namespace provision::simulated {

/// The raw 32-byte SHA-256 of `text`.
std::string sha256(std::string_view text);

/// The MD5 of `text` as hex.
std::string md5_hex(std::string_view text);

} // namespace provision::simulated
