#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "identity/key_directory.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// A bounded, expiring memory of user keys in front of another directory.
/// Look-ups of one user that overlap become one. Thread-safe; no callback is
/// called under a lock. May go while look-ups are under way; they still answer.
class user_keys final : public key_directory {
public:
  struct settings {
    /// Users remembered at most; the one not asked for longest goes first.
    std::size_t capacity = 4096;
    /// How long a key is believed.
    std::chrono::seconds lifetime{3600};
    /// How long it is believed that there is no such user. Short, since users
    /// register just before their first reservation.
    std::chrono::seconds lifetime_unknown{10};
  };

  user_keys(std::shared_ptr<key_directory> origin,
            std::shared_ptr<const wall_clock> clock, settings limits);

  /// As in key_directory. errc::unknown_user at once for numbers below 1,
  /// which the phonebook does not give out. Failures other than unknown_user
  /// are not remembered.
  void find_user_key(std::int64_t tid,
                     std::function<void(expected<std::string>)> done) override;

  /// One that is remembered and still believed.
  std::optional<std::string> key_at_hand(std::int64_t tid) override;

private:
  class memory;

  std::shared_ptr<key_directory> origin_;
  std::shared_ptr<memory> memory_;
};

} // namespace provision
