#include "actors/counters_stream.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace provision {

void counters_state::send() {
  ticking = !listeners.empty();
  if (!ticking)
    return;
  self->delayed_send(self, interval, atom::tick::value);
  self->request(statser, caf::infinite, read_counters{})
    .then(
      [this](const provision_counters& counters) {
        for (auto& [name, listener] : listeners)
          listener(counters);
      },
      [](caf::error&) {
        // The statser ends only with the node: the stream ends with it.
      });
}

counters_actor::behavior_type
counters_stream(counters_actor::stateful_pointer<counters_state> self,
                statser_actor statser, std::chrono::nanoseconds interval) {
  auto& state = self->state;
  state.self = self;
  state.statser = std::move(statser);
  state.interval = interval;
  return {
    [=](subscribe_counters& more) {
      auto& state = self->state;
      state.listeners.insert_or_assign(more.name, std::move(more.listener));
      if (state.ticking)
        return;
      state.ticking = true;
      self->delayed_send(self, state.interval, atom::tick::value);
    },
    [=](unsubscribe_counters& less) { self->state.listeners.erase(less.name); },
    [=](atom::tick) { self->state.send(); }};
}

} // namespace provision
