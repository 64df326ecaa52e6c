// What keeps user data from being removed by mistake: a clock that jumped, and
// a controller that orders too much at once.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/caf_error.hpp"
#include "actors/engine_loop.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Pause before the clock is looked at again.
constexpr std::chrono::seconds clock_pause{30};

} // namespace

bool engine_loop_state::clock_is_trusted() {
  return !peers.guard
         || peers.guard->look(peers.clock->now(), self->clock().now());
}

/// Whether it is over cannot be told now.
void engine_loop_state::wait_for_clock() {
  self->delayed_send(self, clock_pause, atom::retry::value,
                     current->work.row->id);
  wait(wait_cause::pause, peers.guard->distrust().message);
}

/// Deletions beyond the limit wait for an operator; and once there are such,
/// all that follow, until they are confirmed.
bool engine_loop_state::brake_holds(const record& row) {
  if (row.cause != removal_cause::ordered || settings.deletions_max == 0
      || deletions_passed.contains(row.id))
    return false;
  auto now = self->clock().now();
  while (!deletions.empty()
         && now - deletions.front() >= settings.deletions_window)
    deletions.pop_front();
  if (!braking && deletions.size() < settings.deletions_max) {
    deletions.push_back(now);
    deletions_passed.insert(row.id);
    return false;
  }
  if (!braking) {
    braking = true;
    log::error("deletions are held: too many were ordered in a short time");
    // A restart must not let as many through again.
    if (peers.keeper)
      self
        ->request(peers.keeper, caf::infinite,
                  keep_number{"@deletions_held", 1})
        .then([](done) {},
              [](caf::error& err) {
                log::warn("the brake cannot be kept: " + from_caf(err).message);
              });
  }
  return true;
}

} // namespace provision
