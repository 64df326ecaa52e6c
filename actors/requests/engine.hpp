#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"
#include "messages/reservation.hpp"
#include "messages/timestamp.hpp"
#include "persistence/record.hpp"

/// What is asked of the engine, and what it says of itself.
namespace provision {

/// The original's DecommissionCached: the workload is beyond repair; take it
/// down and tell its owner why. Replies when it is gone or has failed once.
struct decommission_cached {
  std::string id = {};
  std::string reason = {};
};

/// Hand the bytes of a quarantined row to the engine again, as if their source
/// had: they are decoded, verified and ordered anew, and the row goes once they
/// are accepted. Replies when they are on their way.
struct retry_quarantined {
  std::string key = {};
};

/// Take in nothing more from the sources; what is known is worked on. Until
/// resume_intake or the next start.
struct pause_intake {};
struct resume_intake {};

/// New workloads of the type wait, removals go on; survives restarts. No type:
/// the whole node.
struct cordon_type {
  reservation_type type = {};
};
struct uncordon_type {
  reservation_type type = {};
};

/// End the pause of a reservation that waits for its next try.
struct retry_reservation {
  std::string id = {};
};

/// Let the deletions go on that the brake holds.
struct confirm_deletions {};

/// The wall clock is right: expiry may act on it.
struct confirm_clock {};

struct read_engine_status {};

/// What a reservation waits for; meanwhile others pass it.
enum class wait_cause : std::uint8_t {
  /// Its type does not serve now: degraded, suspended or cordoned.
  type,
  /// The pause before its next try.
  pause,
  /// An operator has to confirm it.
  confirmation,
};

struct waiting_reservation {
  std::string id = {};
  reservation_type type = {};
  /// It waits to be taken down; else to be provisioned.
  bool removing = false;
  wait_cause cause = wait_cause::type;
  std::string reason = {};
  timestamp since = {};
};

/// Whether a type's provisioner is asked.
enum class type_health : std::uint8_t {
  serving,
  /// Its provisioner hung or died; it serves again once a probe succeeds.
  degraded,
  /// What the type needs failed for several reservations in a row, or its
  /// provisioner was replaced too often: probed, after a longer pause.
  suspended,
};

/// "serving", "degraded", "suspended".
std::string_view to_string(type_health health) noexcept;

/// How one type fares on this node since the start.
struct type_status {
  reservation_type type = {};
  type_health health = type_health::serving;
  /// Why it does not serve; no error if it does.
  error reason = {};
  /// Since when it is as it is.
  timestamp since = {};
  /// New workloads wait until an operator lifts it.
  bool cordoned = false;
  std::size_t waiting = 0;
  std::uint64_t calls = 0;
  /// Calls and probes that missed their deadline.
  std::uint64_t deadlines_missed = 0;
  /// Answers that came after that; they are ignored.
  std::uint64_t late_answers = 0;
  /// Provisioners that died by themselves.
  std::uint64_t deaths = 0;
  /// Provisioners made anew after a hang or a death.
  std::uint64_t restarts = 0;
  std::uint64_t probes = 0;
  /// Times the circuit opened.
  std::uint64_t suspensions = 0;
};

struct engine_status {
  /// "starting", "running", "stopping".
  std::string phase = {};
  std::size_t queue = 0;
  std::size_t unsettled = 0;
  /// How many wait, and the first of them in the order of work.
  std::size_t waiting = 0;
  std::vector<waiting_reservation> waiting_first = {};
  /// One per type that this node offers.
  std::vector<type_status> types = {};
  /// Id of the reservation at a provisioner now; empty if none.
  std::string in_flight = {};
  std::uint64_t provisioned = 0;
  std::uint64_t failed = 0;
  std::uint64_t rejected = 0;
  std::uint64_t removed = 0;
  /// Tries of provisioning that failed and are repeated.
  std::uint64_t retried = 0;
  std::uint64_t known = 0;
  std::uint64_t refused = 0;
  bool history_end = false;
  bool end_of_stream = false;
  /// Why intake pauses; no error if it does not.
  error paused = {};
  /// An operator has paused intake.
  bool intake_held = false;
  /// An operator has cordoned the whole node.
  bool cordoned = false;
  /// Deletions that wait for confirm_deletions.
  std::size_t deletions_held = 0;
  /// Why expiry does not act; no error if the clock is trusted.
  error clock_distrust = {};
  timestamp paused_since = {};
  timestamp in_flight_since = {};
};

/// Where the engine has one reservation now.
struct find_work {
  std::string id = {};
};

struct work_place {
  enum class at : std::uint8_t {
    /// The engine has nothing to do for it.
    nowhere,
    queue,
    provisioner,
    /// Done, and not durable yet.
    settling,
    /// A removal that failed, before its next try.
    retry_pause,
    /// It waits for its type, a pause or a confirmation; others pass it.
    waiting,
  };

  at where = at::nowhere;
  /// How many are before it in the queue.
  std::size_t ahead = 0;
  /// What it waits for.
  std::string reason = {};
  /// At the provisioner or waiting since, and until when it may take.
  timestamp since = {};
  timestamp deadline = {};
  /// For a removal: tries that failed, the last reason, the next try.
  std::uint32_t failures = 0;
  error last_failure = {};
  timestamp next_try = {};
};

/// Stop taking in, let the call in flight end, make outcomes durable.
struct stop_engine {};

/// Hand over again what was handed over before.
struct reconcile_source {
  /// First id of interest; 0 for the whole history.
  std::uint64_t from = 0;
  /// Only once there is nothing new.
  bool when_idle = false;
};

struct done {};

} // namespace provision
