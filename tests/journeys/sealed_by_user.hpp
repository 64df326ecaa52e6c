#pragma once

#include <string>

#include "identity/node_key.hpp"
#include "identity/secret_box.hpp"
#include "identity/sodium/sodium_entropy.hpp"
#include "messages/hex.hpp"

namespace provision::journeys {

/// What the user of explorer_under_test seals for a node.
inline std::string sealed_by_user(const std::string& text,
                                  const std::string& node_id) {
  sodium_entropy random;
  const auto user
    = node_key::from_seed(secret{"12345678901234567890123456789012"}).value();
  return hex::encode(secret_box::encrypt(text, user,
                                         public_key_of_node_id(node_id).value(),
                                         random)
                       .value());
}

/// What anybody can seal for a node: a network's key, and the secrets of
/// reservations of version 0.
inline std::string sealed_by_anybody(const std::string& text,
                                     const std::string& node_id) {
  sodium_entropy random;
  return hex::encode(
    secret_box::seal(text, public_key_of_node_id(node_id).value(), random)
      .value());
}

} // namespace provision::journeys
