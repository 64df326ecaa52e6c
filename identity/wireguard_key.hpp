#pragma once

#include <string>
#include <string_view>

#include "identity/secret.hpp"
#include "messages/error.hpp"

/// Keys of WireGuard: 32 bytes of curve25519, written in base64.
namespace provision::wireguard_key {

/// The key in its one spelling; errc::malformed_input unless `text` is base64
/// of 32 bytes.
expected<std::string> parse_public(std::string_view text);

/// The public key, base64, that belongs to a private one, base64;
/// errc::malformed_input unless that is 32 bytes.
expected<std::string> public_of(const secret& private_key);

} // namespace provision::wireguard_key
