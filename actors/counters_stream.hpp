#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <unordered_map>

#include "actors/atoms.hpp"
#include "actors/interfaces.hpp"

namespace provision {

/// Who wants the counters. Called on the stream's thread; must not block.
using counters_listener = std::function<void(const provision_counters&)>;

/// Start sending to `listener` under this name; replaces one of that name.
struct subscribe_counters {
  std::string name = {};
  counters_listener listener = {};
};

struct unsubscribe_counters {
  std::string name = {};
};

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::subscribe_counters)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::unsubscribe_counters)

namespace provision {

/// COUNTERS: the original's Counters stream.
using counters_actor = caf::typed_actor<caf::reacts_to<subscribe_counters>,
                                        caf::reacts_to<unsubscribe_counters>,
                                        caf::reacts_to<atom::tick>>;

struct counters_state {
  static inline const char* name = "counters";

  void send();

  counters_actor::pointer self = {};
  statser_actor statser = {};
  std::chrono::nanoseconds interval{};
  std::unordered_map<std::string, counters_listener> listeners = {};
  bool ticking = false;
};

/// Sends the counters to every subscriber at the interval (the original's is
/// 2 s); does nothing while there is none.
counters_actor::behavior_type
counters_stream(counters_actor::stateful_pointer<counters_state> self,
                statser_actor statser, std::chrono::nanoseconds interval);

} // namespace provision
