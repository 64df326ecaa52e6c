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
  bool room = active.size() < settings.queue_max + stuck.size();
  if (asking || !room || counters.end_of_stream || counters.paused)
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

bool engine_loop_state::is_busy(const reservation& what) const {
  return active.contains(what.id)
         || (!what.reference.empty() && active.contains(what.reference));
}

/// The longest run of entries, from the front, that speak of no reservation
/// which is on its way already, and of none twice.
accept_page engine_loop_state::next_segment() {
  accept_page segment{arriving->source, {}, arriving->removals, {}};
  std::unordered_set<std::string> seen;
  for (auto& entry : arriving->entries) {
    if (entry.what) {
      if (is_busy(*entry.what) || seen.contains(entry.what->reference)
          || !seen.insert(entry.what->id).second)
        break;
    }
    segment.entries.push_back(entry);
  }
  if (segment.entries.size() == arriving->entries.size())
    segment.cursor = arriving->cursor;
  return segment;
}

void engine_loop_state::accept_segment() {
  if (accepting || !arriving || stopping)
    return;
  for (auto& order : arriving->removals)
    if (active.contains(order.id) && order.cause != removal_cause::expired)
      return;
  auto segment = next_segment();
  auto taken = segment.entries.size();
  if (taken == 0 && !arriving->entries.empty())
    return;
  accepting = true;
  self->request(peers.cache, caf::infinite, std::move(segment))
    .then(
      [this, taken](accepted_page& answer) {
        accepting = false;
        accepted(std::move(answer), taken);
      },
      [this](caf::error& err) {
        accepting = false;
        pause(from_caf(err));
      });
}

void engine_loop_state::accepted(accepted_page answer, std::size_t taken) {
  for (auto& work : answer.intents) {
    active.insert(work.row->id);
    queue.push_back(std::move(work));
  }
  for (auto& order : arriving->removals)
    if (!active.contains(order.id))
      answer_cached(order.id, {errc::decommission_failed,
                               "reservation " + order.id + " does not run"});
  counters.known += answer.known;
  counters.refused += answer.refused;
  if (!answer.reports.empty())
    self->send(peers.feedback, send_reports{std::move(answer.reports)});
  auto& page = *arriving;
  page.removals.clear();
  page.entries.erase(page.entries.begin(),
                     page.entries.begin() + static_cast<std::ptrdiff_t>(taken));
  if (page.entries.empty()) {
    counters.end_of_stream = page.end_of_stream;
    bool history_end = page.history_end;
    arriving.reset();
    if (history_end) {
      counters.history_end = true;
      peers.on_history_end();
    }
  } else {
    accept_segment();
  }
  check_stopped();
  pump();
}

} // namespace provision
