#pragma once

#include <string>
#include <string_view>

#include "identity/secret.hpp"
#include "identity/signer.hpp"
#include "messages/error.hpp"

namespace provision {

/// An ed25519 key pair: a node's, and in tests and tools a user's.
class node_key {
public:
  /// The pair that RFC 8032 derives from a 32-byte seed;
  /// errc::malformed_input for any other length.
  static expected<node_key> from_seed(const secret& seed);

  /// The raw 32-byte public key.
  const std::string& public_key() const noexcept { return public_key_; }

  /// Base58 of the public key: how the explorer names the node.
  const std::string& node_id() const noexcept { return node_id_; }

  const secret& seed() const noexcept { return seed_; }

  /// Seed and public key in a row, 64 bytes: Go's ed25519.PrivateKey.
  const secret& private_key() const noexcept { return private_key_; }

  /// The raw 64-byte signature of `message`. Thread-safe.
  std::string sign(std::string_view message) const;

private:
  node_key() = default;

  secret seed_;
  secret private_key_;
  std::string public_key_;
  std::string node_id_;
};

/// Signs with a key pair that it holds in memory.
class ed25519_signer final : public signer {
public:
  explicit ed25519_signer(node_key key);

  expected<std::string> sign(std::string_view message) const override;
  bool returns_at_once() const noexcept override { return true; }

private:
  const node_key key_;
};

/// The raw public key that `id` is the base58 text of; errc::malformed_input
/// for foreign characters and for anything but 32 bytes ("wrong key size").
expected<std::string> public_key_of_node_id(std::string_view id);

} // namespace provision
