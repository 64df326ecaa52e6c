#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "actors/atoms.hpp"
#include "actors/clock_guard.hpp"
#include "actors/interfaces.hpp"

namespace provision {

using expiry_source_actor
  = source_actor::extend<caf::reacts_to<deadline_moved>,
                         caf::reacts_to<atom::tick, std::uint64_t>>;

/// How the expiry source knows whether it may believe the wall clock.
struct expiry_trust {
  /// Null: the clock is always believed.
  std::shared_ptr<clock_guard> guard = {};
  /// Where the time is kept that the node saw last; null: nowhere.
  keeper_actor keeper = {};
};

struct expiry_source_state {
  static inline const char* name = "expiry source";

  explicit expiry_source_state(expiry_source_actor::pointer self)
    : self{self} {}

  caf::result<source_page> ask();
  /// Reads the time that the node saw last, before anything else.
  void recall_last_seen();
  void look();
  bool clock_is_trusted(timestamp wall);
  void keep_time();
  void found(expired_records due);
  void wait_until(timestamp deadline);

  expiry_source_actor::pointer self;
  cache_actor cache = {};
  std::shared_ptr<const wall_clock> clock = {};
  std::optional<caf::typed_response_promise<source_page>> asked = {};
  expiry_trust trust = {};
  /// When the likely time was kept, and whether the clock was trusted then.
  std::optional<clock_guard::moment> kept_at = {};
  bool kept_trusted = false;
  bool begun = false;
  bool looking = false;
  /// Grows with each timer: ticks of an older one are ignored.
  std::uint64_t generation = 0;
};

/// Hands over reservations whose time is over (the original's
/// NewDecommissionSource): driven by the next deadline, never by scanning.
expiry_source_actor::behavior_type
expiry_source(expiry_source_actor::stateful_pointer<expiry_source_state> self,
              cache_actor cache, std::shared_ptr<const wall_clock> clock);

/// The same; hands over nothing while the wall clock is not trusted.
expiry_source_actor::behavior_type guarded_expiry_source(
  expiry_source_actor::stateful_pointer<expiry_source_state> self,
  cache_actor cache, std::shared_ptr<const wall_clock> clock,
  expiry_trust trust);

} // namespace provision
