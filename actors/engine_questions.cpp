// What the engine says of one reservation, for those who explain the node.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include "actors/engine_loop.hpp"

namespace provision {

work_place engine_loop_state::place_of(const std::string& id) const {
  using at = work_place::at;
  work_place place;
  if (auto again = stuck.find(id); again != stuck.end()) {
    place.where = at::retry_pause;
    place.failures = again->second.failures;
    place.last_failure = again->second.last;
    place.next_try = again->second.next_try;
  } else if (active.contains(id)) {
    place.where = at::settling;
  }
  if (current && current->work.row->id == id) {
    place.where = at::provisioner;
    place.since = current->since;
    place.deadline = saturating_add(current->since, desk.patience());
    return place;
  }
  if (auto waits = queue.find_waiting(id)) {
    if (place.where == at::retry_pause && waits->cause == wait_cause::pause)
      return place;
    place.where = at::waiting;
    place.since = waits->since;
    place.reason = waits->reason;
    return place;
  }
  auto ahead = queue.ahead_of(id);
  if (!ahead)
    return place;
  place.where = at::queue;
  place.ahead = *ahead + (current ? 1 : 0);
  return place;
}

} // namespace provision
