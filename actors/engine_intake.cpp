// How the engine takes in pages: on demand, durable before anything happens,
// and never the same id twice at a time.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "actors/caf_error.hpp"
#include "actors/engine_loop.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Groups of reports that wait for room at the feedback before the intake does.
constexpr std::size_t reports_handed_over_max = 2;

/// Whether the sender of a refused document is owed an answer: only if it is
/// ours, and if there is an id to answer to.
bool is_owed(const intake_entry& entry) {
  return entry.refusal && entry.refusal.code != errc::wrong_node
         && !entry.id.empty() && !entry.type.name.empty();
}

} // namespace

void engine_loop_state::want_page() {
  if (!running || stopping || arriving || accepting)
    return;
  if (!control.empty()) {
    arriving = std::move(control.front());
    control.pop_front();
    return sign_refusals();
  }
  bool room = active.size() < settings.queue_max + queue.waiting()
              && reports_handed_over < reports_handed_over_max;
  if (asking || !room || counters.end_of_stream || retry_due
      || counters.intake_held)
    return;
  asking = true;
  self->request(peers.intake, caf::infinite, next_page{})
    .then(
      [this](intake_page& page) {
        asking = false;
        take_in(std::move(page));
      },
      [this](caf::error& err) {
        asking = false;
        pause(from_caf(err));
      });
}

void engine_loop_state::take_in(intake_page page) {
  if (arriving) {
    // The operator's order came first; the page waits behind it.
    control.push_back(std::move(page));
    return;
  }
  arriving = std::move(page);
  sign_refusals();
}

void engine_loop_state::sign_refusals() {
  sign_results request;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < arriving->entries.size(); ++i) {
    auto& entry = arriving->entries[i];
    if (!entry.refusal)
      continue;
    log::warn("refused: " + entry.refusal.message, entry.id,
              {{"code", std::string{to_string(entry.refusal.code)}}});
    if (!is_owed(entry))
      continue;
    reservation what;
    what.id = entry.id;
    what.type = entry.type;
    request.results.push_back(
      make_result(what, result_state::error, entry.refusal.message, "null"));
    places.push_back(i);
  }
  if (places.empty())
    return accept_segment();
  accepting = true;
  self->request(peers.signer, caf::infinite, std::move(request))
    .then(
      [this, places](signed_results& answer) {
        accepting = false;
        if (answer.failure)
          log::error("refusals cannot be signed: " + answer.failure.message);
        else
          for (std::size_t i = 0; i < places.size(); ++i)
            arriving->entries[places[i]].signed_refusal
              = std::move(answer.results[i]);
        accept_segment();
      },
      [this](caf::error& err) {
        accepting = false;
        pause(from_caf(err));
      });
}

/// Whether what the store says of `id` is about to change. What waits stays as
/// it is, perhaps for long: nobody waits for it; nor for a removal that failed
/// before.
bool engine_loop_state::is_moving(const std::string& id) const {
  return active.contains(id) && !stuck.contains(id) && !queue.waits(id);
}

bool engine_loop_state::is_busy(const reservation& what) const {
  return is_moving(what.id)
         || (!what.reference.empty() && is_moving(what.reference));
}

/// The longest run of entries, from the front, that speak of no reservation
/// which is on its way already, and of none twice.
accept_page engine_loop_state::next_segment() {
  accept_page segment{.source = arriving->source,
                      .removals = arriving->removals,
                      .asked = arriving->asked};
  std::unordered_set<std::string_view> seen;
  for (auto& entry : arriving->entries) {
    if (entry.what) {
      auto& id = entry.what->id;
      auto& reference = entry.what->reference;
      if (is_busy(*entry.what) || !seen.insert(id).second
          || (!reference.empty() && reference != id
              && !seen.insert(reference).second))
        break;
    }
    segment.entries.push_back(entry);
  }
  if (segment.entries.size() == arriving->entries.size()) {
    segment.cursor = arriving->cursor;
    segment.released = arriving->released;
    segment.settled = arriving->settled;
  }
  return segment;
}

void engine_loop_state::accept_segment() {
  if (accepting || !arriving || stopping)
    return;
  for (auto& order : arriving->removals)
    if (is_moving(order.id) && order.cause != removal_cause::expired)
      return;
  auto segment = next_segment();
  auto taken = segment.entries.size();
  if (taken == 0 && !arriving->entries.empty())
    return;
  accepting = true;
  times.accept_begins(self->clock().now());
  self->request(peers.cache, caf::infinite, std::move(segment))
    .then(
      [this, taken](accepted_page& answer) {
        accepting = false;
        accepted(std::move(answer), taken);
      },
      [this](caf::error& err) {
        accepting = false;
        page_stuck = true;
        pause(from_caf(err));
      });
}

/// Durable intents, behind all that came before.
void engine_loop_state::line_up(std::vector<intent> intents) {
  for (auto& work : intents) {
    times.queued(work.row->id, self->clock().now());
    active.insert(work.row->id);
    queue.push_back(std::move(work));
  }
}

void engine_loop_state::accepted(accepted_page answer, std::size_t taken) {
  page_stuck = false;
  went_on();
  times.accept_ends(self->clock().now(), taken);
  line_up(std::move(answer.intents));
  for (auto& order : arriving->removals)
    if (!active.contains(order.id))
      answer_cached(order.id, {errc::decommission_failed,
                               "reservation " + order.id + " does not run"});
  counters.known += answer.known;
  counters.refused += answer.refused;
  hand_over(std::move(answer.reports));
  auto& page = *arriving;
  page.removals.clear();
  page.entries.erase(page.entries.begin(),
                     page.entries.begin() + static_cast<std::ptrdiff_t>(taken));
  if (page.entries.empty()) {
    counters.end_of_stream = page.end_of_stream;
    history_end_due = history_end_due || page.history_end;
    arriving.reset();
  } else {
    accept_segment();
  }
  check_stopped();
  pump();
  check_history_end();
}

/// The history has ended once all of it was worked through, not only handed
/// over; what waits does not count.
void engine_loop_state::check_history_end() {
  if (!history_end_due || arriving || active.size() > queue.waiting())
    return;
  history_end_due = false;
  counters.history_end = true;
  peers.on_history_end();
}

} // namespace provision
