#include "actors/sources/expiry_source.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <chrono>

#include "actors/caf_error.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// The wall clock may be set while a timer runs: look again at least this
/// often. One look reads one key, however many records there are.
constexpr std::chrono::nanoseconds look_interval_max = std::chrono::seconds{30};

/// Pause after a store that could not be read.
constexpr std::chrono::nanoseconds retry_pause = std::chrono::seconds{1};

/// Where the time is kept that the node saw last, and how often.
constexpr const char* last_seen_name = "@clock";
constexpr std::chrono::nanoseconds keep_interval = std::chrono::minutes{10};

/// Due records per page.
constexpr std::size_t page_size = 256;

} // namespace

expiry_source_actor::behavior_type
expiry_source(expiry_source_actor::stateful_pointer<expiry_source_state> self,
              cache_actor cache, std::shared_ptr<const wall_clock> clock) {
  return guarded_expiry_source(self, std::move(cache), std::move(clock), {});
}

expiry_source_actor::behavior_type guarded_expiry_source(
  expiry_source_actor::stateful_pointer<expiry_source_state> self,
  cache_actor cache, std::shared_ptr<const wall_clock> clock,
  expiry_trust trust) {
  self->state.trust = std::move(trust);
  self->state.cache = std::move(cache);
  self->state.clock = std::move(clock);
  return {[=](next_page) { return self->state.ask(); },
          [=](reconcile_source wish) {
            if (!wish.when_idle)
              self->state.look();
          },
          [=](deadline_moved) { self->state.look(); },
          [=](atom::tick, std::uint64_t generation) {
            if (generation == self->state.generation)
              self->state.look();
          }};
}

void expiry_source_state::recall_last_seen() {
  begun = true;
  auto go_on = [this] {
    looking = false;
    look();
  };
  if (trust.guard && !trust.keeper)
    trust.guard->remember({});
  if (!trust.guard || !trust.keeper)
    return go_on();
  self->request(trust.keeper, caf::infinite, recall_number{last_seen_name})
    .then(
      [this, go_on](recalled_number& kept) {
        trust.guard->remember(kept.value > 0 ? std::optional{from_unix(
                                static_cast<std::int64_t>(kept.value))}
                                             : std::nullopt);
        go_on();
      },
      [this](caf::error&) {
        // A store that cannot be read has nothing that could expire.
        begun = false;
        looking = false;
        self->delayed_send(self, retry_pause, atom::tick::value, ++generation);
      });
}

bool expiry_source_state::clock_is_trusted(timestamp wall) {
  if (!trust.guard)
    return true;
  auto now = self->clock().now();
  const bool trusted = trust.guard->look(wall, now);
  // When it begins to be doubted, what was kept may be the wrong time.
  if (trusted != kept_trusted || !kept_at || now - *kept_at >= keep_interval) {
    kept_at = now;
    kept_trusted = trusted;
    keep_time();
  }
  return trusted;
}

/// Without it the next start would believe any clock.
void expiry_source_state::keep_time() {
  const auto likely = trust.guard->likely_time();
  if (!trust.keeper || !likely)
    return kept_at.reset();
  const auto seconds = std::max<std::int64_t>(0, likely->seconds);
  self
    ->request(trust.keeper, caf::infinite,
              keep_number{last_seen_name, static_cast<std::uint64_t>(seconds)})
    .then([](done) {},
          [this](caf::error& err) {
            log::warn("the time cannot be kept: " + from_caf(err).message);
            kept_at.reset();
          });
}

caf::result<source_page> expiry_source_state::ask() {
  asked = self->make_response_promise<source_page>();
  look();
  return *asked;
}

void expiry_source_state::look() {
  if (!asked || looking)
    return;
  looking = true;
  if (!begun)
    return recall_last_seen();
  const auto wall = clock->now();
  if (!clock_is_trusted(wall)) {
    looking = false;
    return wait_until(end_of_time);
  }
  self->request(cache, caf::infinite, find_expired{page_size, wall})
    .then(
      [this](expired_records& due) {
        looking = false;
        found(std::move(due));
      },
      [this](caf::error& err) {
        looking = false;
        log::warn("expired reservations cannot be read: "
                  + from_caf(err).message);
        self->delayed_send(self, retry_pause, atom::tick::value, ++generation);
      });
}

void expiry_source_state::found(expired_records due) {
  if (due.ids.empty())
    return wait_until(due.next_deadline.value_or(end_of_time));
  source_page page;
  page.source = "expiry";
  for (auto& id : due.ids)
    page.removals.push_back({std::move(id), removal_cause::expired, {}});
  asked->deliver(std::move(page));
  asked.reset();
}

void expiry_source_state::wait_until(timestamp deadline) {
  auto left = difference(deadline, clock->now());
  auto span = std::clamp(left, std::chrono::nanoseconds{0}, look_interval_max);
  self->delayed_send(self, span, atom::tick::value, ++generation);
}

} // namespace provision
