#pragma once

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "actors/atoms.hpp"
#include "actors/engine.hpp"

namespace provision {

/// HEARTBEAT: sees whether those without whom the node does nothing still
/// answer: the engine, the cache and feedback.
using heartbeat_actor = caf::typed_actor<caf::reacts_to<atom::tick>>;

struct heartbeat_options {
  /// From one round of questions to the next.
  std::chrono::nanoseconds interval = std::chrono::seconds{10};
  /// Within this all have to answer; a round that takes longer does not count.
  std::chrono::nanoseconds patience = std::chrono::seconds{30};
  /// Called after each round in which all answered in time.
  std::function<void(const engine_status&, const feedback_status&)> on_alive
    = [](const engine_status&, const feedback_status&) {};
};

struct heartbeat_state {
  static inline const char* name = "heartbeat";

  explicit heartbeat_state(heartbeat_actor::pointer self) : self{self} {}

  struct round {
    std::chrono::steady_clock::time_point since = {};
    std::optional<engine_status> engine = {};
    bool has_cache = false;
    std::optional<feedback_status> feedback = {};
  };

  void beat();
  void ask_all();
  void answered();
  std::string missing() const;

  heartbeat_actor::pointer self;
  node_actors peers = {};
  heartbeat_options options = {};
  std::optional<round> open = {};
  bool is_late = false;
};

heartbeat_actor::behavior_type
heartbeat(heartbeat_actor::stateful_pointer<heartbeat_state> self,
          node_actors peers, heartbeat_options options);

/// What the node does, on one line: "running, 3 queued, 1 waits, ...".
std::string status_line(const engine_status& engine,
                        const feedback_status& reports);

} // namespace provision
