#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/counters_stream.hpp"
#include "actors/engine_loop.hpp"
#include "actors/feedback.hpp"
#include "actors/interfaces.hpp"
#include "actors/orphan.hpp"
#include "actors/provisioners/function_provisioner.hpp"
#include "actors/statser.hpp"
#include "actors/told_time.hpp"
#include "actors/workers/worker_provisioner.hpp"
#include "config/node_config.hpp"
#include "explorer/explorer_client.hpp"
#include "identity/key_directory.hpp"
#include "identity/signer.hpp"
#include "persistence/reservation_store.hpp"

namespace provision {

class engine;

/// Makes a source inside the engine's actor system; gets the store's cursor
/// for `name` (0: from the start).
struct reservation_source {
  /// Name under which records and the cursor are kept.
  std::string name = {};
  std::function<source_actor(caf::actor_system&, std::uint64_t cursor)> spawn
    = {};
  /// How its documents are verified when they are tried again.
  config::signature_policy signatures = config::signature_policy::enforce;
};

/// Whom a companion of the engine may ask.
struct node_actors {
  engine_actor engine = {};
  archive_actor cache = {};
  statser_actor statser = {};
  feedback_actor feedback = {};
  janitor_actor janitor = {};
};

/// What an engine is made of; mirrors the original's EngineOps.
struct engine_options {
  /// Identity of the node that runs the engine.
  std::string node_id = {};
  /// Where reservations come from; several are combined. Expiry is built in.
  std::vector<reservation_source> sources = {};
  /// Where results go; null: nobody is told, results stay in the outbox.
  std::shared_ptr<feedbacker> feedback = {};
  /// Where reservations are remembered. Required.
  std::unique_ptr<reservation_store> cache = {};
  /// Both functions per type; types without are answered with an error.
  std::map<reservation_type, workload_functions> provisioners = {};
  /// More types, each served by a process of its own.
  std::map<reservation_type, isolated_type> workers = {};
  /// Why this node does not offer a type, for the answer; may be empty.
  std::map<reservation_type, std::string> refusals = {};
  /// Authenticates results. Required.
  std::shared_ptr<const provision::signer> signer = {};
  /// Counts what is reserved; null: an exact ledger without limits.
  std::shared_ptr<provision::statser> statser = {};
  /// Keys of users, for sources that verify signatures; may be null.
  std::shared_ptr<key_directory> keys = {};
  /// What happens to documents whose customer signature does not match, if an
  /// operator submits them himself.
  config::signature_policy submitted = config::signature_policy::enforce;
  /// What was in flight when the process died; null: in memory only.
  std::shared_ptr<in_flight_mark> mark = {};
  /// Null: the machine's clock.
  std::shared_ptr<const wall_clock> clock = {};
  /// Uniform in [0, 1), for jitter.
  std::function<double()> random = [] { return 0.5; };
  config::engine_settings settings = {};
  config::clock_settings clock_trust = {};
  /// What the explorer's clock says, if somebody listens to it; may be null.
  std::shared_ptr<const told_time> explorer_time = {};
  feedback_options reports = {};
  /// Pause between two values of the Counters stream.
  std::chrono::nanoseconds counters_interval = std::chrono::seconds{2};
  /// Threads that decode documents and check signatures; 0: one per core.
  std::size_t threads = 0;
  /// What the host holds, in the order in which it may be removed; the janitor
  /// compares it with the records.
  std::vector<inventory> inventories = {};
  config::janitor_settings janitor = {};
  /// What it found; null: nobody asks.
  std::shared_ptr<orphan_board> orphans = {};
  /// Actors that live beside the engine and end with it: an API for instance.
  std::vector<std::function<caf::strong_actor_ptr(caf::actor_system&,
                                                  const node_actors&)>>
    companions = {};
  /// How many were taken up again so far after a restart, a few at a time.
  std::function<void(std::uint64_t)> on_taken_up = [](std::uint64_t) {};
  std::function<void()> on_ready = [] {};
  std::function<void()> on_history_end = [] {};
};

/// The core of this package: provisions and decommissions workloads, one
/// reservation at a time, in order; an error is logged and the next
/// reservation follows. Owns its actor system.
class engine {
public:
  /// Makes an engine; nothing runs yet. errc::invalid_configuration if a
  /// required part is missing.
  static expected<std::unique_ptr<engine>> make(engine_options options);

  ~engine();

  /// Counts what the store holds and starts all actors; returns at once.
  error start();

  /// Stops within `patience`: the call in flight ends, outcomes become
  /// durable. errc::deadline_exceeded if a provisioner did not let go; then
  /// nothing is lost, but the process should end without waiting for it.
  error stop(std::chrono::milliseconds patience);

  /// A value every interval to `listener`, until it is taken back by name.
  void counters(std::string name, counters_listener listener);
  void stop_counters(std::string name);

  /// A module says that a reservation is dead beyond repair: takes it down and
  /// informs its owner. Blocks until that has been tried once.
  error decommission_cached(std::string id, std::string reason);

  /// What was set aside, by key, behind `after`; at most 256.
  expected<std::vector<quarantined>> quarantine(std::string after = {});
  /// Hands a quarantined document to the engine again, or forgets it;
  /// errc::no_such_reservation.
  error retry_quarantined(std::string key);
  error drop_quarantined(std::string key);
  /// Ends the pause of a reservation that is tried again later; same error.
  error retry(std::string id);
  /// Takes nothing from the sources until it is called with false.
  error hold_intake(bool on);
  /// Lets new workloads of a type wait, of all types if it has no name;
  /// survives restarts. errc::no_such_reservation: the type is not offered.
  error cordon(reservation_type type, bool on);
  /// Lets the deletions go on that the brake holds.
  error confirm_deletions();
  /// The wall clock is right although it jumped.
  error confirm_clock();

  /// Asks the sources for their whole history again.
  void reconcile();

  engine_status status();
  feedback_status reports();
  current_numbers numbers();

private:
  struct parts;

  explicit engine(std::unique_ptr<parts> inside);

  template <class Request>
  error order(Request request);

  std::unique_ptr<parts> parts_;
};

} // namespace provision
