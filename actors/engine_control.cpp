// What an operator or a module asks of the engine while it works.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/caf_error.hpp"
#include "actors/engine_loop.hpp"

namespace provision {

namespace {

/// How many of those that wait are shown.
constexpr std::size_t waiting_shown_max = 256;

} // namespace

caf::result<done> engine_loop_state::stop() {
  stopping = true;
  stop_asked = self->make_response_promise<done>();
  auto reply = *stop_asked;
  check_stopped();
  return reply;
}

caf::result<done> engine_loop_state::claim(const std::string& id) {
  // While a page is being accepted, it is not known whom it speaks of.
  if (!running || stopping || accepting || active.contains(id))
    return to_caf(
      {errc::host_busy, "the engine is at work on reservation " + id});
  active.insert(id);
  claimed.insert(id);
  return done{};
}

void engine_loop_state::release(const std::string& id) {
  if (claimed.erase(id) == 0)
    return;
  active.erase(id);
  accept_segment();
  pump();
  check_history_end();
}

void engine_loop_state::check_stopped() {
  if (!stop_asked || current || accepting || !outcomes.empty())
    return;
  stop_asked->deliver(done{});
  stop_asked.reset();
}

engine_status engine_loop_state::status() const {
  auto result = counters;
  result.phase = stopping ? "stopping" : running ? "running" : "starting";
  result.queue = queue.size();
  result.unsettled = outcomes.size();
  result.waiting = queue.waiting();
  result.waiting_first = queue.list_waiting(waiting_shown_max);
  result.types = desk.status();
  result.cordoned = desk.all_cordoned();
  result.deletions_held = queue.waiting(wait_cause::confirmation);
  if (peers.guard)
    result.clock_distrust = peers.guard->distrust();
  for (auto& type : result.types)
    type.waiting = queue.waiting(type.type);
  result.in_flight = current ? current->work.what->id : std::string{};
  result.in_flight_since = current ? current->since : timestamp{};
  result.paused_since = paused_since;
  return result;
}

caf::result<done>
engine_loop_state::decommission_cached_one(decommission_cached order) {
  auto reply = self->make_response_promise<done>();
  self->request(peers.cache, caf::infinite, find_record{order.id})
    .then(
      [this, order, reply](found_record& found) mutable {
        if (!cached_asked.emplace(order.id, reply).second) {
          reply.deliver(
            to_caf({errc::already_exists, "reservation " + order.id
                                            + " is being taken down already"}));
          return;
        }
        order_cached(order, std::move(found));
      },
      [reply](caf::error& err) mutable { reply.deliver(std::move(err)); });
  return reply;
}

void engine_loop_state::order_cached(const decommission_cached& order,
                                     found_record found) {
  auto state = found.row->state;
  if (state == record_state::failed || state == record_state::rejected) {
    // Nothing runs: only the owner is told.
    outcomes.push_back({.work = {found.row, found.what, {}},
                        .state = state,
                        .result = make_result(*found.what, result_state::error,
                                              order.reason, "null"),
                        .send_result = true});
    return flush();
  }
  intake_page page;
  page.source = "control";
  page.removals.push_back(
    {order.id, removal_cause::beyond_repair, order.reason});
  control.push_back(std::move(page));
  want_page();
}

void engine_loop_state::answer_cached(const std::string& id, const error& why) {
  auto asked = cached_asked.find(id);
  if (asked == cached_asked.end())
    return;
  if (why)
    asked->second.deliver(to_caf(why));
  else
    asked->second.deliver(done{});
  cached_asked.erase(asked);
}

} // namespace provision
