#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "messages/error.hpp"

namespace provision {

/// Where users' public keys are looked up: the explorer's phonebook.
class key_directory {
public:
  virtual ~key_directory() = default;

  /// Calls `done` exactly once, on any thread, with the raw 32-byte ed25519
  /// key of user `tid`; errc::unknown_user if there is none,
  /// errc::explorer_unreachable or errc::explorer_failed if nobody can say.
  virtual void find_user_key(std::int64_t tid,
                             std::function<void(expected<std::string>)> done)
    = 0;

  /// The key, if it is known without asking anybody.
  virtual std::optional<std::string> key_at_hand(std::int64_t) {
    return std::nullopt;
  }
};

} // namespace provision
