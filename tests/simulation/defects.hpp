#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <caf/actor_system.hpp>

#include "actors/engine_loop.hpp"
#include "actors/statser.hpp"
#include "config/node_config.hpp"
#include "explorer/explorer_client.hpp"
#include "persistence/reservation_store.hpp"

namespace provision::simulation {

/// Keeps an actor for as long as the node's life.
using keep_cache = std::function<cache_actor(cache_actor)>;
using keep_intake = std::function<intake_actor(intake_actor)>;

/// A deliberate mistake at one seam of the node. Each function gets the honest
/// part and returns what stands in its place; the defaults change nothing.
struct defect {
  std::string name = {};
  /// What goes wrong, in a few words.
  std::string text = {};

  std::function<std::unique_ptr<reservation_store>(
    std::unique_ptr<reservation_store>)>
    on_store = [](auto store) { return store; };
  std::function<cache_actor(caf::actor_system&, cache_actor, keep_cache)>
    on_cache = [](auto&, auto cache, auto) { return cache; };
  std::function<intake_actor(caf::actor_system&, intake_actor, keep_intake)>
    on_intake = [](auto&, auto intake, auto) { return intake; };
  std::function<std::shared_ptr<statser>(std::shared_ptr<statser>)> on_statser
    = [](auto numbers) { return numbers; };
  std::function<std::shared_ptr<feedbacker>(std::shared_ptr<feedbacker>)>
    on_feedback = [](auto explorer) { return explorer; };
  std::function<std::shared_ptr<reservation_poller>(
    std::shared_ptr<reservation_poller>)>
    on_poll = [](auto explorer) { return explorer; };
  std::function<void(std::map<reservation_type, provisioner_factory>&)>
    on_provisioners = [](auto&) {};
  std::function<void(config::engine_settings&, config::explorer_settings&)>
    on_settings = [](auto&, auto&) {};
  /// The mark of what is in flight does not survive.
  bool forgets_mark = false;
  /// The disk does not make renames durable although it is told to.
  bool forgets_renames = false;
  /// What never had a result is not taken down, whoever asks.
  bool leaves_withdrawn = false;
  /// The source is never told to look again at what was reported.
  bool looks_once = false;
  /// The wall clock is believed however it jumps.
  bool trusts_any_clock = false;
  /// The explorer's date is taken for the time.
  bool obeys_explorers_date = false;
};

/// Every defect that the simulator must catch.
const std::vector<defect>& all_defects();

/// Null if there is none of this name.
const defect* find_defect(std::string_view name);

} // namespace provision::simulation
