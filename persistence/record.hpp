#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "messages/capacity.hpp"
#include "messages/error.hpp"
#include "messages/received_text.hpp"
#include "messages/reservation.hpp"
#include "messages/result.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// Where a reservation stands on disk. The numbers are stored.
enum class record_state : std::uint8_t {
  /// The intent is durable; the provisioner may be called at any moment.
  accepted = 1,
  /// Accepted, and a crash cut an earlier attempt short.
  applying = 2,
  /// Runs on the node.
  provisioned = 3,
  /// The provisioner failed; the error result is owed to the explorer.
  failed = 4,
  /// Refused by the node itself, and nothing of it is there.
  rejected = 5,
  /// Removal is durable; the decommissioner may be called at any moment.
  removing = 6,
};

/// "accepted", "applying", ...
std::string_view to_string(record_state state) noexcept;

/// Whether a record in this state waits for the engine's work.
constexpr bool is_pending(record_state state) noexcept {
  return state == record_state::accepted || state == record_state::applying
         || state == record_state::removing;
}

/// Whether a record in this state holds capacity on the node.
constexpr bool holds_capacity(record_state state) noexcept {
  return state == record_state::provisioned || state == record_state::removing;
}

/// Why a removal was ordered; decides what is reported.
enum class removal_cause : std::uint8_t {
  none = 0,
  /// The explorer or a replayed stream asked for it.
  ordered = 1,
  expired = 2,
  /// DecommissionCached: a module says that the workload is beyond repair.
  beyond_repair = 3,
  /// Refused after a crash that may have cut its making short. It was not
  /// admitted, so it counts for nothing.
  refused = 4,
};

/// "ordered", "expired", "beyond repair", "refused"; empty for none.
std::string_view to_string(removal_cause cause) noexcept;

/// All the node remembers of one live reservation. The state row and the bytes
/// as received are stored apart, so that a transition rewrites little.
struct record {
  std::string id = {};
  /// Place in the order of work: grows with every accepted intent.
  std::uint64_t sequence = 0;
  record_state state = record_state::accepted;
  /// Times the provisioner or decommissioner was armed for this intent.
  std::uint32_t attempts = 0;
  /// Consecutive daemon deaths while this reservation was in flight.
  std::uint32_t deaths = 0;
  /// Tries that ended in an error which may pass; a limited number is repeated.
  std::uint32_t retries = 0;
  removal_cause cause = removal_cause::none;
  /// Text that goes with the cause (the reason of DecommissionCached).
  std::string reason = {};
  /// Name of the source that delivered it.
  std::string source = {};
  reservation_type type = {};
  std::string user_id = {};
  int version = 0;
  /// What it takes; zero for types that take nothing.
  resources takes = {};
  /// Network it stands for; empty for other types.
  std::string network = {};
  timestamp expires = end_of_time;
  timestamp accepted_at = {};
  timestamp settled_at = {};
  /// The signed result; nil until there is one.
  provision::result result = {};
  /// The reservation's bytes as received.
  received_text received = {};
};

using record_ptr = std::shared_ptr<const record>;

/// What stays of a reservation that is gone.
struct tombstone {
  std::string id = {};
  int version = 0;
  timestamp gone_at = {};
  /// Id that took its place, if it was migrated.
  std::string migrated_to = {};
};

/// Input that could not be accepted, kept with its reason.
struct quarantined {
  /// The reservation's id if it is known, else a key made by the store.
  std::string key = {};
  std::string source = {};
  error reason = {};
  timestamp since = {};
  received_text received = {};
  /// Body of the result that its sender was told, signed once; empty if nothing
  /// was owed.
  std::string answer = {};
};

/// What is owed to the explorer.
enum class report_kind : std::uint8_t { result = 1, deleted = 2 };

/// One row of the outbox: a report that is durable and not yet accepted.
struct outbox_row {
  /// Assigned by the store; grows.
  std::uint64_t sequence = 0;
  report_kind kind = report_kind::result;
  std::string id = {};
  /// The request's body, byte for byte as it goes out each time.
  std::string body = {};
  /// Refused for good by the explorer: kept, shown, not sent.
  bool parked = false;
  /// Why it was parked.
  std::string reason = {};
};

/// One line of the node's memory of what it did.
struct journal_entry {
  /// Assigned by the store; grows.
  std::uint64_t sequence = 0;
  timestamp at = {};
  std::string id = {};
  /// "accepted", "provisioned", "failed", "removing", "gone", ...
  std::string event = {};
  std::string text = {};
  /// Assigned by the store: hash of the line before, raw 32 bytes; empty for
  /// lines of an older program.
  std::string before = {};
};

} // namespace provision
