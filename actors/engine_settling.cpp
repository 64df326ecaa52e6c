// How outcomes become durable and known: whatever is ready is signed as one
// group, then written as one group, while the next one fills.
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/caf_error.hpp"
#include "actors/engine_loop.hpp"
#include "actors/reservation_cache.hpp"
#include "explorer/retry_policy.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Pause before a store that refused is asked again.
constexpr std::chrono::seconds store_retry_delay{1};

} // namespace

void engine_loop_state::flush() {
  if (outcomes_refused)
    return;
  sign_outcomes();
  store_outcomes();
}

void engine_loop_state::sign_outcomes() {
  sign_results request;
  auto& group = outcomes.next_to_sign(settings.group_max);
  if (group.empty())
    return;
  for (auto& outcome : group)
    if (outcome.send_result)
      request.results.push_back(outcome.result);
  if (request.results.empty()) {
    outcomes.was_signed({});
    return sign_outcomes();
  }
  times.sign_begins(self->clock().now());
  // Waking another thread costs more than few signatures, unless there is work
  // to go on with meanwhile.
  constexpr std::size_t few = 4;
  const bool at_hand
    = peers.signer_at_hand && queue.empty() && request.results.size() <= few;
  auto& signer = at_hand ? peers.signer_at_hand : peers.signer;
  self->request(signer, caf::infinite, std::move(request))
    .then(
      [this](signed_results& answer) {
        if (answer.failure)
          return not_signed(answer.failure);
        times.sign_ends(self->clock().now());
        outcomes.was_signed(std::move(answer.results));
        flush();
      },
      [this](caf::error& err) { not_signed(from_caf(err)); });
}

void engine_loop_state::not_signed(const error& why) {
  outcomes.was_not_signed();
  // What is signed does not wait for a signer that fails.
  store_outcomes();
  outcomes_refused = outcomes_stuck = true;
  pause(why);
}

void engine_loop_state::store_outcomes() {
  // A sync costs more than the wait for what is being signed.
  if (outcomes.at_signer() && outcomes.ready() < settings.group_max / 2)
    return;
  auto group = outcomes.next_to_store(settings.group_max);
  if (!group)
    return;
  times.settle_begins(self->clock().now());
  self->request(peers.cache, caf::infinite, std::move(group))
    .then([this](settled_outcomes& answer) { settled(std::move(answer)); },
          [this](caf::error& err) {
            outcomes.was_not_stored();
            outcomes_refused = outcomes_stuck = true;
            pause(from_caf(err));
          });
}

void engine_loop_state::settled(settled_outcomes answer) {
  auto stored = outcomes.was_stored();
  auto& group = stored->outcomes;
  outcomes_stuck = false;
  went_on();
  times.settle_ends(self->clock().now(), group.size());
  // The next group is written while this one's journeys are closed.
  flush();
  hand_over(std::move(answer.reports));
  for (auto& outcome : group)
    close_journey(outcome);
  for (auto& work : answer.intents)
    self->send(peers.statser, increment{{to_ledger_entry(*work.row)}});
  line_up(std::move(answer.intents));
  report_numbers();
  accept_segment();
  check_stopped();
  pump();
  check_history_end();
}

void engine_loop_state::hand_over(std::vector<outbox_row> reports) {
  if (reports.empty())
    return;
  ++reports_handed_over;
  auto taken = [this] {
    --reports_handed_over;
    want_page();
  };
  self->request(peers.feedback, caf::infinite, send_reports{std::move(reports)})
    .then([taken](done) { taken(); }, [taken](caf::error&) { taken(); });
}

void engine_loop_state::close_journey(const settlement& outcome) {
  auto& row = *outcome.work.row;
  bool removing = row.state == record_state::removing;
  // The first try of DecommissionCached is over, well or not; its report is
  // durable, and a failed removal is tried again.
  answer_cached(row.id, {});
  if (outcome.withdrawn)
    return;
  if (outcome.state && is_pending(*outcome.state))
    return rest(outcome);
  times.settled(row.id, row.type, self->clock().now());
  stuck.erase(row.id);
  deletions_passed.erase(row.id);
  active.erase(row.id);
  if (removing && !(outcome.state && holds_capacity(*outcome.state)))
    self->send(peers.statser, decrement{{to_ledger_entry(row)}});
  // One that was withdrawn came and went by itself.
  if ((removing && row.cause != removal_cause::refused)
      || outcome.state == record_state::provisioned)
    numbers_changed = true;
}

/// What failed and is tried again waits for its next try; others pass it.
void engine_loop_state::rest(const settlement& outcome) {
  auto& row = *outcome.work.row;
  bool removing = row.state == record_state::removing;
  retry_policy policy{.first = settings.retry_delay,
                      .max = settings.retry_delay_max,
                      .growth = 2.0};
  if (removing)
    policy = {.first = settings.removal_retry_delay,
              .max = settings.removal_retry_delay_max};
  auto failures = removing ? stuck[row.id].failures : row.retries;
  times.waits(row.id);
  auto work = outcome.work;
  if (removing) {
    // As the store has it now.
    auto again = std::make_shared<record>(row);
    ++again->attempts;
    if (!outcome.result.is_nil())
      again->result = outcome.result;
    work.row = std::move(again);
  }
  queue.wait({outcome.turn, std::move(work)}, wait_cause::pause,
             removing ? stuck[row.id].last.message : outcome.remark,
             peers.clock->now());
  auto delay = policy.next_delay(failures - 1, peers.random());
  if (removing)
    stuck[row.id].next_try = saturating_add(peers.clock->now(), delay);
  self->delayed_send(self, delay, atom::retry::value, row.id);
}

void engine_loop_state::report_numbers() {
  if (!numbers_changed || reading_numbers)
    return;
  numbers_changed = false;
  reading_numbers = true;
  self->request(peers.statser, caf::infinite, read_numbers{})
    .then(
      [this](current_numbers& numbers) {
        reading_numbers = false;
        self->send(peers.feedback, send_numbers{numbers});
        report_numbers();
      },
      [this](caf::error&) { reading_numbers = false; });
}

void engine_loop_state::pause(const error& why) {
  if (!counters.paused)
    log::error("intake pauses: " + why.message, {},
               {{"code", std::string{to_string(why.code)}}});
  counters.paused = why;
  if (paused_since.is_zero())
    paused_since = peers.clock->now();
  // One timer, however many requests the store refuses meanwhile: each of them
  // would be asked again by each timer.
  if (retry_due)
    return;
  retry_due = true;
  self->delayed_send(self, store_retry_delay, atom::retry::value);
}

/// The store took something: until then the pause is shown, so that whoever
/// asks in the middle of a retry sees it too. A full disk may take one of two
/// writes; the pause ends when it has taken both.
void engine_loop_state::went_on() {
  if (page_stuck || outcomes_stuck)
    return;
  if (counters.paused)
    log::info("intake goes on");
  counters.paused = {};
  paused_since = {};
}

void engine_loop_state::resume() {
  if (!std::exchange(retry_due, false))
    return;
  if (restart_from) {
    auto [after, in_flight] = *std::exchange(restart_from, std::nullopt);
    return recover(after, in_flight);
  }
  // What failed was only asking for a page, and that may take its time.
  if (outcomes.empty() && !arriving)
    went_on();
  outcomes_refused = false;
  flush();
  accept_segment();
  pump();
}

} // namespace provision
