#include "actors/sources/poll_source.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/caf_error.hpp"
#include "explorer/retry_policy.hpp"
#include "logging/log.hpp"
#include "messages/json/peek.hpp"
#include "messages/reservation.hpp"

namespace provision {

namespace {

std::optional<std::uint64_t> number_of(const received_text& document) {
  auto identity = json::peek_identity(document);
  if (!identity)
    return std::nullopt;
  auto id = split_reservation_id(identity->id);
  return id ? std::optional{id->reservation} : std::nullopt;
}

/// Whether the explorer had nothing from this id on and showed its queue: older
/// reservations, with `from` as the last id. Going on behind it, as if there
/// had been something, would sooner or later get ahead of ids that do not exist
/// yet. What cannot be read tells nothing.
bool is_from_queue(const poll_page& page, std::uint64_t from) {
  if (page.last_id != from)
    return false;
  bool has_older = false;
  for (auto& document : page.documents) {
    auto number = number_of(document);
    if (number && *number >= from)
      return false;
    has_older = has_older || number;
  }
  return has_older;
}

} // namespace

poll_source_actor::behavior_type
poll_source(poll_source_actor::stateful_pointer<poll_source_state> self,
            std::shared_ptr<reservation_poller> poller,
            poll_source_options options) {
  auto& state = self->state;
  state.poller = std::move(poller);
  state.options = std::move(options);
  state.next = state.options.from;
  if (state.options.settings.reconcile_interval.count() > 0)
    self->delayed_send(self, state.options.settings.reconcile_interval,
                       atom::tick::value);
  return {[=](next_page) { return self->state.ask(); },
          [=](reconcile_source wish) {
            if (wish.when_idle)
              self->state.look_again(wish.from);
            else
              self->state.reconcile();
          },
          [=](poll_answer& answer) { self->state.answered(std::move(answer)); },
          [=](atom::tick) { self->state.reconcile_at_interval(); },
          [=](atom::tick, std::uint64_t generation) {
            if (generation != self->state.generation)
              return;
            self->state.pausing = false;
            self->state.poll_if_due();
          }};
}

caf::result<source_page> poll_source_state::ask() {
  asked = self->make_response_promise<source_page>();
  poll_if_due();
  return *asked;
}

void poll_source_state::poll_if_due() {
  if (asked && !polling && !pausing && !ended)
    poll();
}

void poll_source_state::poll() {
  polling = true;
  if (dry && wanted_again)
    next = std::min(next, *std::exchange(wanted_again, std::nullopt));
  asked_for = {next, self->clock().now()};
  history_wanted = false;
  auto handle = caf::actor_cast<poll_source_actor>(self);
  poller->poll(options.node_id, next, [handle](poll_page page, error failure) {
    caf::anon_send(handle, poll_answer{std::move(page), std::move(failure)});
  });
}

void poll_source_state::note(const poll_answer& answer) {
  if (!options.numbers)
    return;
  auto& numbers = *options.numbers;
  auto span = self->clock().now() - asked_for.at;
  ++numbers.polls;
  numbers.waited
    += std::chrono::duration_cast<std::chrono::nanoseconds>(span).count();
  numbers.documents += answer.page.documents.size();
  bool is_good = !answer.failure || answer.failure == err_poll_eos;
  numbers.is_answered = is_good;
  if (!is_good)
    ++numbers.failures;
  else if (options.clock)
    numbers.last_success = options.clock->now().seconds;
}

void poll_source_state::answered(poll_answer answer) {
  polling = false;
  note(answer);
  bool end = answer.failure == err_poll_eos;
  if (answer.failure && !end)
    return failed(answer.failure);
  failures = 0;
  auto last = answer.page.last_id;
  source_page page;
  page.source = options.name;
  page.signatures = options.settings.signatures;
  page.end_of_stream = ended = end;
  // The original's rule: the history is over when two polls in a row report
  // the same last id. It is told once per process.
  page.history_end = !history_end_sent && last == previous_last_id;
  history_end_sent = history_end_sent || page.history_end;
  previous_last_id = last;
  auto behind = is_from_queue(answer.page, asked_for.from) ? last : last + 1;
  page.cursor = behind;
  page.asked = asked_for;
  next = history_wanted ? 0 : behind;
  page.documents = std::move(answer.page.documents);
  // While there is more, the next poll follows at once. A page from the
  // explorer's queue does not get ahead of what was asked for: it comes again
  // until all of it is reported.
  dry = page.documents.empty() || last <= asked_for.from;
  if (dry)
    pause(options.settings.poll_interval);
  if (page.documents.empty() && !page.history_end && !end)
    return;
  asked->deliver(std::move(page));
  asked.reset();
}

void poll_source_state::failed(const error& failure) {
  // Whatever went wrong, the same ids are asked for again: a page that cannot
  // be read must not replay the whole history.
  retry_policy policy{.first = options.settings.retry_delay,
                      .max = options.settings.retry_delay_max};
  auto span = policy.next_delay(failures++, options.random());
  log::warn("poll failed: " + failure.message, {},
            {{"from", std::to_string(next)},
             {"again_in_ms", std::to_string(span.count())}});
  pause(span);
}

void poll_source_state::pause(std::chrono::nanoseconds span) {
  pausing = true;
  self->delayed_send(self, span, atom::tick::value, ++generation);
}

void poll_source_state::look_again(std::uint64_t from) {
  wanted_again = std::min(from, wanted_again.value_or(from));
}

void poll_source_state::reconcile() {
  next = 0;
  history_wanted = polling;
  ++generation;
  pausing = false;
  poll_if_due();
}

void poll_source_state::reconcile_at_interval() {
  self->delayed_send(self, options.settings.reconcile_interval,
                     atom::tick::value);
  reconcile();
}

} // namespace provision
