#pragma once

#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision {

/// Signs in the name of this node. Thread-safe: any thread may call sign.
class signer {
public:
  virtual ~signer() = default;

  /// The raw 64-byte ed25519 signature of `message`.
  virtual expected<std::string> sign(std::string_view message) const = 0;

  /// Whether sign() takes microseconds and waits for nobody. Few signatures are
  /// then made on the thread of the engine.
  virtual bool returns_at_once() const noexcept { return false; }
};

} // namespace provision
