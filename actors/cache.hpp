#pragma once

#include <memory>
#include <optional>

#include "actors/interfaces.hpp"
#include "actors/reservation_cache.hpp"

namespace provision {

struct cache_state {
  static inline const char* name = "cache";

  explicit cache_state(keeper_actor::pointer self) : self{self} {}

  /// Tells the expiry source when a page brings an earlier deadline.
  void announce_deadlines(const accepted_page& page);
  void announce_deadlines(const settle_outcomes& settled);
  void announce(timestamp deadline);

  keeper_actor::pointer self;
  std::unique_ptr<reservation_cache> memory = {};
  /// Who asked for expired records, and the deadline it knows of.
  caf::strong_actor_ptr watcher = {};
  timestamp watched_deadline = end_of_time;
};

/// Owns the store. Blocks on the disk: its steps take long
/// (threads/leader_scheduler.hpp), or it is spawned detached.
keeper_actor::behavior_type
cache_behavior(keeper_actor::stateful_pointer<cache_state> self,
               std::shared_ptr<std::unique_ptr<reservation_cache>> memory);

} // namespace provision
