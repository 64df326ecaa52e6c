#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "messages/error.hpp"

namespace provision::simulated {

/// An entry of the phonebook.
struct user {
  std::int64_t id = 0;
  std::string name = {};
  std::string email = {};
  /// Hex of 32 bytes, as received.
  std::string pubkey = {};
  std::string host = {};
  std::string description = {};

  bool operator==(const user&) const = default;
};

/// The fields of a user object; errc::malformed_input.
expected<user> read_user(std::string_view json);

std::string write(const user& who);

/// What a user signs to change an entry: all fields in a row.
std::string update_text(const user& who);

/// The users, by id.
class phonebook {
public:
  /// The user; the first one for id 0, as the original's empty filter finds
  /// it. nullptr if there is none.
  const user* find(std::int64_t id) const;

  /// Whether the name, or the email unless empty, is taken.
  bool has(std::string_view name, std::string_view email) const;

  void put(user who);

  const std::map<std::int64_t, user>& all() const noexcept { return users_; }
  std::int64_t next_id() const noexcept;

private:
  std::map<std::int64_t, user> users_;
};

} // namespace provision::simulated
