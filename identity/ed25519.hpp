#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "messages/error.hpp"

/// Checking signatures; making them is the business of node_key.
namespace provision::ed25519 {

inline constexpr std::size_t seed_size = 32;
inline constexpr std::size_t public_key_size = 32;
inline constexpr std::size_t signature_size = 64;

/// Whether the raw `signature` of `message` was made with the key whose raw
/// public half is given. False for anything of the wrong size. Keys and
/// signatures in non-canonical form are refused, which Go does only in part.
bool matches(std::string_view signature, std::string_view message,
             std::string_view public_key) noexcept;

/// As matches(), but says what is wrong: errc::bad_signature with a message
/// that starts with `what`, for example "result 100-1: signature", and goes on
/// "is missing", "has 63 bytes instead of 64" or "does not match".
error check(std::string_view what, std::string_view signature,
            std::string_view message, std::string_view public_key);

/// check() of a signature in hexadecimal; also: "is not hexadecimal".
error check_hex(std::string_view what, std::string_view hex_signature,
                std::string_view message, std::string_view public_key);

} // namespace provision::ed25519
