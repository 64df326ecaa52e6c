#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/reservation_type.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// How a reservation ended. The numbers are the explorer's.
enum class result_state : std::uint8_t {
  error = 0,
  ok = 1,
  deleted = 2,
};

inline constexpr result_state state_error = result_state::error;
inline constexpr result_state state_ok = result_state::ok;
inline constexpr result_state state_deleted = result_state::deleted;

/// "error", "ok", "deleted"; "unknown" for any other number.
std::string_view to_string(result_state state) noexcept;

/// What became of a reservation, as the node reports it.
struct result {
  reservation_type type = {};
  /// Reservation id, "<reservation>-<workload>".
  std::string id = {};
  /// When the result was made.
  timestamp created = {};
  result_state state = result_state::error;
  /// The error text if state is error, else empty.
  std::string error = {};
  /// What the provisioner returned: compact JSON; "null" if nothing; empty
  /// if there never was a result.
  std::string data = {};
  /// Lower-case hex of the ed25519 signature over bytes().
  std::string signature = {};

  /// The signed bytes: state as one byte, error text, data.
  std::string bytes() const;

  /// The original's rule for "there is no result yet": time is the epoch or
  /// the zero time, and data is empty or null. Nothing else is looked at.
  bool is_nil() const noexcept;

  bool operator==(const result&) const = default;
};

} // namespace provision
