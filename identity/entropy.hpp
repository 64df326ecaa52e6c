#pragma once

#include <cstddef>

#include "identity/secret.hpp"

namespace provision {

/// Where keys and nonces get their randomness from. Thread-safe.
class entropy {
public:
  virtual ~entropy() = default;

  /// `size` bytes that nobody can foretell.
  virtual secret draw(std::size_t size) = 0;
};

} // namespace provision
