// What keeps user data from being removed by mistake: a clock that jumped, and
// a controller that orders too much at once.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

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
  auto why = peers.guard->distrust().message;
  wait(wait_cause::pause,
       why.empty() ? "it is not known yet what time the node saw last" : why);
}

/// Whether the brake has a say in this removal.
bool engine_loop_state::has_brake(const record& row) const {
  return row.cause == removal_cause::ordered
         && (settings.deletions_max > 0 || settings.deletions_share > 0)
         && !deletions_passed.contains(row.id);
}

/// What is unusual depends on how much the node runs.
void engine_loop_state::ask_brake() {
  auto go_on = [this](std::uint64_t live) {
    if (brake_holds(*current->work.row, live))
      wait(wait_cause::confirmation, brake_reason);
    else
      take_down();
    pump();
  };
  self->request(peers.statser, caf::infinite, read_capacity{})
    .then(
      [go_on](const capacity_status& now) {
        std::uint64_t live = 0;
        for (const auto& [type, count] : now.workloads)
          live += count;
        go_on(live);
      },
      // The number is limited also when nobody knows the share.
      [go_on](caf::error&) { go_on(0); });
}

/// Deletions beyond the limits wait for an operator; and once there are such,
/// all that follow, until they are confirmed.
bool engine_loop_state::brake_holds(const record& row, std::uint64_t live) {
  if (braking)
    return true;
  auto now = self->clock().now();
  while (!deletions.empty()
         && now - deletions.front().begun >= settings.deletions_window)
    deletions.pop_front();
  auto reason = excess(live);
  if (reason.empty()) {
    deletions.push_back({now, live});
    deletions_passed.insert(row.id);
    return false;
  }
  brake_reason = std::move(reason);
  pull_brake();
  return true;
}

/// The limit that one more deletion exceeds, or nothing.
std::string engine_loop_state::excess(std::uint64_t live) const {
  constexpr auto in_short = " were ordered to go in a short time";
  auto next = deletions.size() + 1;
  if (settings.deletions_max > 0 && next > settings.deletions_max)
    return "more than " + std::to_string(settings.deletions_max) + " workloads"
           + in_short;
  // Those that went meanwhile do not make the share of the next larger.
  for (const auto& one : deletions)
    live = std::max(live, one.live);
  if (settings.deletions_share == 0 || live == 0
      || next <= settings.deletions_free
      || next * 100 <= live * settings.deletions_share)
    return {};
  return "more than " + std::to_string(settings.deletions_share) + " % of "
         + std::to_string(live) + " workloads" + in_short;
}

void engine_loop_state::pull_brake() {
  braking = true;
  log::error("deletions are held: " + brake_reason);
  // A restart must not let as many through again.
  if (peers.keeper)
    self
      ->request(peers.keeper, caf::infinite, keep_number{"@deletions_held", 1})
      .then([](done) {},
            [](caf::error& err) {
              log::warn("the brake cannot be kept: " + from_caf(err).message);
            });
}

} // namespace provision
