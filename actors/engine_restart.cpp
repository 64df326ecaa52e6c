// How the engine starts: what a crash cut short goes first, in its old order.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/caf_error.hpp"
#include "actors/engine_loop.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

constexpr std::size_t chunk_size = 256;

} // namespace

void engine_loop_state::recover(std::uint64_t after, std::string in_flight) {
  self
    ->request(peers.cache, caf::infinite,
              rearm_pending{after, chunk_size, in_flight})
    .then(
      [this, in_flight](rearmed_pending& again) {
        if (again.intents.empty())
          return ready();
        auto last = again.intents.back().row->sequence;
        recovered(std::move(again));
        recover(last, in_flight);
      },
      [this, after, in_flight](caf::error& err) {
        // Without the store nothing may start: try again until it answers.
        pause(from_caf(err));
        restart_from = {after, in_flight};
      });
}

void engine_loop_state::recovered(rearmed_pending again) {
  for (const auto& work : again.intents) {
    log::info("taken up again after a restart", work.row->id,
              {{"state", std::string{to_string(work.row->state)}},
               {"attempt", std::to_string(work.row->attempts)}});
    times.took_up();
  }
  line_up(std::move(again.intents));
  peers.on_taken_up(times.numbers().taken_up);
}

void engine_loop_state::ready() {
  running = true;
  went_on();
  times.ready(self->clock().now());
  peers.on_ready();
  // What runs already is news to an explorer that was away.
  numbers_changed = true;
  report_numbers();
  pump();
}

} // namespace provision
