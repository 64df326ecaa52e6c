#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "identity/entropy.hpp"
#include "identity/node_key.hpp"
#include "identity/secret.hpp"
#include "messages/error.hpp"

/// Texts that only one node can read: passwords and secret environment in
/// workloads. Everybody is named by an ed25519 key, which is converted to
/// curve25519 here. Whatever does not fit (length, key, tampering) is
/// errc::malformed_input.
namespace provision::secret_box {

/// The 32-byte curve25519 halves of an ed25519 key pair.
expected<secret> curve_private_key(const node_key& pair);
expected<std::string> curve_public_key(std::string_view ed25519_public_key);

/// Closes `plain` into a sealed box for `receiver`, a raw ed25519 public key:
/// ephemeral key (32 bytes), tag (16), text. The sender stays anonymous.
expected<std::string> seal(std::string_view plain, std::string_view receiver,
                           entropy& random);

/// The reverse of seal().
expected<secret> open_sealed(std::string_view box, const node_key& receiver);

/// Closes `plain` into a box between two known keys: nonce (24 bytes), tag
/// (16), text. The key is BLAKE2b-256 of the shared X25519 point.
expected<std::string> encrypt(std::string_view plain, const node_key& sender,
                              std::string_view receiver, entropy& random);

/// The reverse of encrypt().
expected<secret> decrypt(std::string_view box, const node_key& receiver,
                         std::string_view sender);

/// The secret in a workload's text: hexadecimal of a sealed box if the
/// workload's `version` is 0, else of a box between the node and the user
/// whose raw ed25519 public key is given. Empty text is an empty secret.
expected<secret> decrypt_text(std::int64_t version, std::string_view text,
                              const node_key& node,
                              std::string_view user_public_key);

} // namespace provision::secret_box
