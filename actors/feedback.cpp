#include "actors/feedback.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/caf_error.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Rows read from disk at a time.
constexpr std::size_t read_size = 256;

/// Finished rows that are closed in one write.
constexpr std::size_t close_size = 64;

/// Answers 5xx to one row, while others are accepted, before it is parked.
constexpr std::uint32_t server_errors_max = 12;

/// Whether trying again may help: the explorer is away, fails, or is busy.
bool is_transient(const error& failure) {
  constexpr int request_timeout = 408;
  constexpr int too_many_requests = 429;
  return failure.code == errc::explorer_unreachable
         || failure.code == errc::explorer_failed
         || failure.detail == request_timeout
         || failure.detail == too_many_requests;
}

} // namespace

feedback_impl::behavior_type
feedback_behavior(feedback_impl::stateful_pointer<feedback_state> self,
                  cache_actor cache, source_actor source,
                  std::shared_ptr<feedbacker> explorer,
                  feedback_options options) {
  auto& state = self->state;
  state.cache = std::move(cache);
  state.source = std::move(source);
  state.explorer = std::move(explorer);
  state.options = std::move(options);
  state.read_more();
  return {
    [=](send_reports& more) { return self->state.take(std::move(more)); },
    [=](send_numbers& numbers) {
      self->state.latest_numbers = numbers.numbers;
      self->state.send_latest_numbers();
    },
    [=](read_feedback_status) { return self->state.status(); },
    [=](report_answer& answer) { self->state.answered(std::move(answer)); },
    [=](numbers_answer& answer) {
      self->state.numbers_answered(answer.failure);
    },
    [=](atom::retry, std::uint64_t sequence) {
      auto i = self->state.under_way.find(sequence);
      if (i != self->state.under_way.end())
        self->state.send(i->second);
    },
    [=](atom::retry) { self->state.read_more(); },
    [=](atom::tick) {
      self->state.numbers_pausing = false;
      self->state.send_latest_numbers();
    },
    [=](atom::close) {
      self->state.closing = false;
      self->state.close_finished();
    },
    [=](atom::room) { self->state.give_room(); }};
}

feedback_status feedback_state::status() const {
  feedback_status now{.waiting = held() + under_way.size() + (behind ? 1 : 0),
                      .in_flight = on_the_wire,
                      .delivered = delivered_total,
                      .parked = parked_total,
                      .last_failure = last_failure,
                      .away_since = away_since,
                      .next_try = next_try,
                      .failures = failures_total,
                      .deliveries = deliveries};
  if (auto since = oldest())
    now.oldest = self->clock().now() - *since;
  return now;
}

std::optional<std::chrono::steady_clock::time_point>
feedback_state::oldest() const {
  // Those behind their own came after one that is under way.
  std::optional<std::chrono::steady_clock::time_point> first;
  for (auto& [sequence, one] : under_way)
    first = std::min(first.value_or(one.held_since), one.held_since);
  if (!queue.empty())
    first = std::min(first.value_or(queue.front().since), queue.front().since);
  return first;
}

// -- rows come in -------------------------------------------------------------

caf::result<done> feedback_state::take(send_reports more) {
  if (behind || held() + more.rows.size() > options.window_max) {
    // They are durable: read them when there is room again.
    behind = true;
    announced_while_reading = true;
    read_more();
    return promise_room();
  }
  for (auto& row : more.rows) {
    // It was found on disk before the engine's word of it came.
    if (row.sequence <= last_taken)
      continue;
    keep_in_memory(std::move(row));
  }
  pump();
  return promise_room();
}

/// An explorer that is away holds up nobody.
bool feedback_state::has_room() const {
  return failures_in_a_row > 0 || (!behind && held() <= options.room);
}

caf::result<done> feedback_state::promise_room() {
  if (has_room())
    return done{};
  auto later = self->make_response_promise<done>();
  waiting_for_room.emplace_back(self->clock().now() + options.patience, later);
  self->delayed_send(self, options.patience, atom::room::value);
  return later;
}

void feedback_state::give_room() {
  while (
    !waiting_for_room.empty()
    && (has_room() || waiting_for_room.front().first <= self->clock().now())) {
    waiting_for_room.front().second.deliver(done{});
    waiting_for_room.pop_front();
  }
}

void feedback_state::keep_in_memory(outbox_row row) {
  last_taken = row.sequence;
  queue.push_back({std::move(row), self->clock().now()});
}

void feedback_state::read_more() {
  if (!behind || reading || held() > options.window_max / 2)
    return;
  reading = true;
  announced_while_reading = false;
  self->request(cache, caf::infinite, read_outbox{last_taken, read_size})
    .then(
      [this](outbox_rows& answer) {
        reading = false;
        bool was_last = answer.rows.size() < read_size;
        for (auto& row : answer.rows)
          keep_in_memory(std::move(row));
        behind = !was_last || announced_while_reading;
        read_more();
        pump();
        give_room();
      },
      [this](caf::error& err) {
        reading = false;
        last_failure = from_caf(err);
        log::error("the outbox cannot be read: " + last_failure.message);
        self->delayed_send(self, options.retry.max, atom::retry::value);
      });
}

// -- rows go out --------------------------------------------------------------

void feedback_state::pump() {
  auto allowed = failures_in_a_row < options.in_flight_max
                   ? options.in_flight_max
                   : std::size_t{1};
  while (!queue.empty() && under_way.size() < allowed) {
    auto next = std::move(queue.front());
    queue.pop_front();
    auto [own, first] = behind_own.try_emplace(next.row.id);
    if (!first) {
      own->second.push_back(std::move(next));
      ++behind_own_rows;
      continue;
    }
    send(std::move(next));
  }
  read_more();
}

void feedback_state::send(held_row first) {
  auto sequence = first.row.sequence;
  send(under_way.emplace(sequence, delivery{std::move(first.row), first.since})
         .first->second);
}

void feedback_state::send(delivery& one) {
  ++on_the_wire;
  if (one.since == std::chrono::steady_clock::time_point{})
    one.since = self->clock().now();
  auto handle = caf::actor_cast<feedback_impl>(self);
  auto done = [handle, sequence = one.row.sequence](error failure) {
    caf::anon_send(handle, report_answer{sequence, std::move(failure)});
  };
  if (one.row.kind == report_kind::result)
    explorer->feedback(options.node_id, one.row.id, one.row.body,
                       std::move(done));
  else
    explorer->deleted(options.node_id, one.row.id, std::move(done));
}

void feedback_state::answered(report_answer answer) {
  auto i = under_way.find(answer.sequence);
  if (i == under_way.end())
    return;
  --on_the_wire;
  auto& one = i->second;
  if (!answer.failure)
    return delivered(answer.sequence);
  constexpr int not_found = 404;
  if (one.row.kind == report_kind::deleted
      && answer.failure.detail == not_found) {
    // What the explorer does not know need not be deleted there.
    log::info("the explorer does not know this reservation", one.row.id);
    return delivered(answer.sequence);
  }
  last_failure = answer.failure;
  ++failures_total;
  if (answer.failure.code == errc::explorer_refused)
    away_since = {};
  if (is_transient(answer.failure))
    return try_again(one, answer.failure);
  park(answer.sequence, answer.failure);
}

void feedback_state::delivered(std::uint64_t sequence) {
  failures_in_a_row = 0;
  away_since = {};
  ++delivered_total;
  deliveries.observe(self->clock().now() - under_way[sequence].since);
  finished.delivered.push_back(sequence);
  finish(sequence);
}

void feedback_state::try_again(delivery& one, const error& why) {
  ++failures_in_a_row;
  give_room();
  ++one.failures;
  if (why.code == errc::explorer_failed && one.server_errors++ == 0)
    one.delivered_before = delivered_total;
  // An explorer that is down answers nobody; one that accepts others but
  // never this row would be asked for ever.
  if (why.code == errc::explorer_failed
      && one.server_errors >= server_errors_max
      && delivered_total > one.delivered_before)
    return park(one.row.sequence, why);
  auto span = options.retry.next_delay(one.failures - 1, options.random());
  note_absence(span);
  if (one.failures == 1)
    log::warn("report was not accepted, trying again: " + why.message,
              one.row.id);
  self->delayed_send(self, span, atom::retry::value, one.row.sequence);
}

void feedback_state::note_absence(std::chrono::nanoseconds until_next_try) {
  if (!options.clock)
    return;
  auto now = options.clock->now();
  if (away_since.is_zero())
    away_since = now;
  next_try = saturating_add(now, until_next_try);
}

void feedback_state::park(std::uint64_t sequence, const error& why) {
  auto row = under_way[sequence].row;
  row.parked = true;
  row.reason = why.message;
  ++parked_total;
  log::error("report was refused for good and is parked: " + why.message,
             row.id);
  finished.parked.push_back(std::move(row));
  finish(sequence);
}

void feedback_state::finish(std::uint64_t sequence) {
  auto i = under_way.find(sequence);
  auto own = behind_own.find(i->second.row.id);
  under_way.erase(i);
  if (own->second.empty()) {
    behind_own.erase(own);
  } else {
    auto next = std::move(own->second.front());
    own->second.erase(own->second.begin());
    --behind_own_rows;
    send(std::move(next));
  }
  close_finished();
  pump();
  give_room();
}

void feedback_state::close_finished() {
  auto rows = finished.delivered.size() + finished.parked.size();
  bool idle = queue.empty() && under_way.empty();
  if (closing || rows == 0 || (rows < close_size && !idle))
    return;
  closing = true;
  finished.source = options.source;
  auto sent = std::exchange(finished, {});
  self->request(cache, caf::infinite, sent)
    .then(
      [this](closed_reports& answer) {
        closing = false;
        close_failures = 0;
        if (answer.look_again_from)
          self->send(source, reconcile_source{*answer.look_again_from, true});
        close_finished();
      },
      [this, sent](caf::error& err) {
        close_again_later(sent, from_caf(err));
      });
}

/// Until it is written the rows would be sent once more after a restart, and
/// nobody would be told to look again at what was reported.
void feedback_state::close_again_later(close_reports rows, const error& why) {
  auto first = [](auto& before, auto& after) {
    after.insert(after.begin(), before.begin(), before.end());
  };
  first(rows.delivered, finished.delivered);
  first(rows.parked, finished.parked);
  auto span = options.retry.next_delay(close_failures++, options.random());
  if (close_failures == 1)
    log::warn("delivered reports stay in the outbox, trying again: "
              + why.message);
  self->delayed_send(self, span, atom::close::value);
}

void feedback_state::send_latest_numbers() {
  if (sending_numbers || numbers_pausing || !latest_numbers)
    return;
  sending_numbers = true;
  auto numbers = *latest_numbers;
  numbers_on_the_wire = std::exchange(latest_numbers, std::nullopt);
  auto handle = caf::actor_cast<feedback_impl>(self);
  explorer->update_stats(
    options.node_id, numbers.workloads, numbers.units, [handle](error failure) {
      caf::anon_send(handle, numbers_answer{std::move(failure)});
    });
}

void feedback_state::numbers_answered(const error& failure) {
  sending_numbers = false;
  if (failure)
    log::warn("used resources were not reported: " + failure.message);
  if (!failure || !is_transient(failure)) {
    numbers_failures = 0;
    return pause_numbers(options.numbers_interval);
  }
  // Newer numbers that come meanwhile replace these.
  if (!latest_numbers)
    latest_numbers = numbers_on_the_wire;
  pause_numbers(options.retry.next_delay(numbers_failures++, options.random()));
}

void feedback_state::pause_numbers(std::chrono::nanoseconds span) {
  numbers_pausing = true;
  self->delayed_send(self, span, atom::tick::value);
}

} // namespace provision
