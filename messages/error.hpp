#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace provision {

/// What went wrong, one enumerator per distinct reaction. The codes are stable:
/// they appear in logs, in the journal and in docs/errors.md.
enum class errc : std::uint8_t {
  /// Nothing went wrong.
  none = 0,
  /// A text is not what its format demands; the context names the field.
  malformed_input = 1,
  /// A text exceeds a limit of size, depth or count.
  input_too_large = 2,
  /// A reservation breaks a rule that every reservation must keep.
  invalid_reservation = 3,
  /// A document names a workload type that the protocol does not know.
  unknown_workload_type = 4,
  /// A signature is missing, malformed or does not match.
  bad_signature = 5,
  /// The phonebook does not know the user.
  unknown_user = 6,
  /// The reservation was made for another node.
  wrong_node = 7,
  /// The reservation's time is over.
  expired = 8,
  /// The node has less room than the reservation asks for.
  no_capacity = 9,
  /// This node does not offer the type.
  type_not_offered = 10,
  /// The type's provisioner hung or crashed and has not recovered yet.
  type_degraded = 11,
  /// The provisioner or the host refused; permanent for this reservation.
  provision_failed = 12,
  /// The decommissioner failed; it is tried again.
  decommission_failed = 13,
  /// A call exceeded its deadline.
  deadline_exceeded = 14,
  /// A provisioner died while it worked.
  provisioner_crashed = 15,
  /// The node knows no such reservation.
  no_such_reservation = 16,
  /// The thing is there already.
  already_exists = 17,
  /// A file or database operation failed.
  storage_failure = 18,
  /// Stored bytes do not pass their check.
  storage_corrupt = 19,
  /// Another process holds the store.
  storage_locked = 20,
  /// The store belongs to another node.
  storage_foreign = 21,
  /// The store was written by a newer version.
  storage_too_new = 22,
  /// The disk has no room.
  disk_full = 23,
  /// A key file is missing, malformed or readable by others.
  identity_unusable = 24,
  /// The explorer could not be reached or did not answer; try again.
  explorer_unreachable = 25,
  /// The explorer answered with an error of its own (5xx); try again.
  explorer_failed = 26,
  /// The explorer refused the request (4xx); trying again is of no use.
  explorer_refused = 27,
  /// A configuration value is missing, unknown or out of range.
  invalid_configuration = 28,
  /// A source has no more reservations (the original's ErrPollEOS).
  end_of_stream = 29,
  /// The node is stopping.
  shutting_down = 30,
  /// A program or kernel service that a back-end needs failed.
  backend_failure = 31,
  /// Something that the work needs is busy; the same call may soon succeed.
  host_busy = 32,
  /// What all workloads of the type need is missing: a pool, a service.
  host_unavailable = 33,
  /// The wall clock has jumped and is not believed.
  clock_untrusted = 34,
};

/// How a provisioner's error is met. What a code is, is said in one table in
/// error.cpp and in docs/errors.md.
enum class error_kind : std::uint8_t {
  /// The same call would fail again: the reservation fails.
  permanent,
  /// Tried again after a pause, a limited number of times.
  transient,
  /// As transient; several reservations in a row suspend the type.
  infrastructure,
};

error_kind kind_of(errc code) noexcept;

/// "permanent", "transient", "infrastructure".
std::string_view to_string(error_kind kind) noexcept;

/// Name of `code`, as written in logs: "bad_signature".
std::string_view to_string(errc code) noexcept;

/// An error: the reaction it asks for, a sentence that names the thing, and a
/// number where the origin has one.
struct error {
  errc code = errc::none;
  /// Lower-case, unpunctuated, names the thing and, if known, the remedy.
  std::string message = {};
  /// HTTP status or errno of the origin; 0 if it has none.
  int detail = 0;

  /// True if something went wrong.
  explicit operator bool() const noexcept { return code != errc::none; }
  bool operator==(const error&) const = default;
};

/// "bad_signature: reservation 100-1: ..." for logs.
std::string to_string(const error& what);

/// A value, or why there is none.
template <class T>
using expected = tl::expected<T, error>;

inline tl::unexpected<error> fail(errc code, std::string message,
                                  int detail = 0) {
  return tl::unexpected<error>{error{code, std::move(message), detail}};
}

inline tl::unexpected<error> fail(error what) {
  return tl::unexpected<error>{std::move(what)};
}

/// The original's ErrPollEOS: a poll has reached the end of the stream.
inline const error err_poll_eos{errc::end_of_stream, "end of stream"};

} // namespace provision
