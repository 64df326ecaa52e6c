#include "actors/provisioner_desk.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <utility>

#include "actors/caf_error.hpp"
#include "explorer/retry_policy.hpp"
#include "logging/log.hpp"

namespace provision {

std::string_view to_string(type_health health) noexcept {
  switch (health) {
  case type_health::serving:
    return "serving";
  case type_health::degraded:
    return "degraded";
  case type_health::suspended:
    return "suspended";
  }
  return "unknown";
}

provisioner_desk::~provisioner_desk() {
  for (auto& [type, place] : seats_)
    if (place.handle)
      caf::anon_send_exit(place.handle, caf::exit_reason::user_shutdown);
}

void provisioner_desk::open(
  std::map<reservation_type, provisioner_factory> factories,
  config::engine_settings settings, std::function<double()> random,
  std::function<timestamp()> now,
  std::function<void(const reservation_type&)> on_serving) {
  settings_ = std::move(settings);
  random_ = std::move(random);
  now_ = std::move(now);
  on_serving_ = std::move(on_serving);
  for (auto& [type, make] : factories) {
    auto& place = seats_[type];
    place.make = std::move(make);
    place.status.type = type;
    place.status.since = now_();
  }
}

bool provisioner_desk::offers(const reservation_type& type) const {
  return seats_.contains(type);
}

std::string provisioner_desk::objection(const reservation_type& type) const {
  auto i = seats_.find(type);
  if (i == seats_.end() || i->second.status.health == type_health::serving)
    return {};
  auto& status = i->second.status;
  return type.name + " is " + std::string{to_string(status.health)} + ": "
         + status.reason.message;
}

std::string
provisioner_desk::objection_to_new(const reservation_type& type) const {
  if (all_cordoned_)
    return "the node is cordoned";
  auto i = seats_.find(type);
  if (i != seats_.end() && i->second.status.cordoned)
    return type.name + " is cordoned";
  return objection(type);
}

void provisioner_desk::cordon(const reservation_type& type, bool on) {
  log::info(on ? "cordoned" : "no longer cordoned", {},
            {{"type", type.name.empty() ? "all" : type.name}});
  if (type.name.empty())
    all_cordoned_ = on;
  else
    seats_.at(type).status.cordoned = on;
  if (on)
    return;
  for (auto& [name, place] : seats_)
    if (type.name.empty() || name == type)
      on_serving_(name);
}

std::vector<type_status> provisioner_desk::status() const {
  std::vector<type_status> all;
  for (auto& [type, place] : seats_)
    all.push_back(place.status);
  return all;
}

// -- a call and its deadline --------------------------------------------------

std::chrono::milliseconds provisioner_desk::patience(
  const reservation_type& type,
  std::chrono::milliseconds config::call_deadlines::*kind) const {
  auto own = settings_.deadlines.find(type.name);
  if (own != settings_.deadlines.end()
      && own->second.*kind > std::chrono::milliseconds{0})
    return own->second.*kind;
  return settings_.provision_timeout;
}

void provisioner_desk::provision(reservation_ptr what,
                                 answer_func<provisioned_workload> then) {
  auto span = patience(what->type, &config::call_deadlines::provision);
  ask<provisioned_workload>(*what, span, provision_workload{what},
                            std::move(then));
}

void provisioner_desk::decommission(reservation_ptr what,
                                    answer_func<done> then) {
  auto span = patience(what->type, &config::call_deadlines::decommission);
  ask<done>(*what, span, decommission_workload{what}, std::move(then));
}

/// The deadline is kept beside the request instead of with it: CAF would drop
/// a late answer without a word.
template <class Reply, class Request>
void provisioner_desk::ask(const reservation& what,
                           std::chrono::milliseconds patience, Request request,
                           answer_func<Reply> then) {
  auto& place = seats_.at(what.type);
  auto number = ++calls_made_;
  ++place.status.calls;
  awaited_
    = call{what.type, number, self_->clock().now() + patience, patience,
           [then](error why) { then(expected<Reply>{fail(std::move(why))}); }};
  watch_deadline();
  self_->request(occupied(place), caf::infinite, std::move(request))
    .then(
      [this, number, then, type = what.type, id = what.id](Reply& reply) {
        if (!close_call(number))
          return late(type, id);
        answered(type, id, {});
        then(expected<Reply>{std::move(reply)});
      },
      [this, number, then, type = what.type, id = what.id](caf::error& err) {
        if (!close_call(number))
          return;
        if (err == caf::sec::request_receiver_down)
          // It ended before it took the call: the reservation is innocent, and
          // the type is degraded as soon as its end is heard of.
          return then(expected<Reply>{
            fail(errc::host_busy, type.name + " provisioner is replaced")});
        auto why = from_caf(err);
        answered(type, id, why);
        then(expected<Reply>{fail(std::move(why))});
      });
}

bool provisioner_desk::close_call(std::uint64_t number) {
  if (!awaited_ || awaited_->number != number)
    return false;
  awaited_.reset();
  return true;
}

/// One timer for all calls, because one that was set cannot be taken back: it
/// would stay in the clock until it is due.
void provisioner_desk::watch_deadline() {
  if (timer_due_ && *timer_due_ <= awaited_->deadline)
    return;
  timer_due_ = awaited_->deadline;
  self_->delayed_send(self_, awaited_->deadline - self_->clock().now(),
                      atom::deadline::value, ++timer_);
}

void provisioner_desk::deadline_due(std::uint64_t generation) {
  if (generation != timer_)
    return;
  timer_due_.reset();
  if (!awaited_)
    return;
  if (self_->clock().now() < awaited_->deadline)
    return watch_deadline();
  auto missed = *std::exchange(awaited_, std::nullopt);
  auto& place = seats_.at(missed.type);
  error why{errc::deadline_exceeded,
            missed.type.name + " provisioner did not answer within "
              + std::to_string(missed.patience.count()) + " ms"};
  ++place.status.deadlines_missed;
  fence(place);
  stumbled(place, why);
  missed.give_up(std::move(why));
}

void provisioner_desk::late(const reservation_type& type,
                            const std::string& id) {
  ++seats_.at(type).status.late_answers;
  log::warn("a provisioner answered after its deadline; the answer is ignored",
            id, {{"type", type.name}});
}

void provisioner_desk::answered(const reservation_type& type,
                                const std::string& id, const error& failure) {
  auto& place = seats_.at(type);
  if (kind_of(failure.code) != error_kind::infrastructure) {
    place.strikes = 0;
    place.troubled.clear();
    return;
  }
  // One reservation that fails again and again says nothing of the others.
  place.troubled.insert(id);
  if (place.troubled.size() >= settings_.infrastructure_errors_max)
    suspend(place, failure);
}

// -- seats --------------------------------------------------------------------

provisioner_actor& provisioner_desk::occupied(seat& where) {
  if (!where.handle) {
    where.handle = where.make();
    self_->monitor(where.handle);
  }
  return where.handle;
}

void provisioner_desk::fence(seat& where) {
  if (!where.handle)
    return;
  self_->demonitor(where.handle.address());
  // It may hang for ever: nobody listens to it from now on.
  self_->send_exit(where.handle, caf::exit_reason::kill);
  where.handle = provisioner_actor{};
}

/// A provisioner has died. Nobody else tells: an actor that ends while it works
/// leaves its caller without an answer.
void provisioner_desk::down(const caf::actor_addr& who,
                            const caf::error& reason) {
  auto i = std::ranges::find_if(seats_, [&who](auto& entry) {
    return entry.second.handle && entry.second.handle.address() == who;
  });
  if (i == seats_.end())
    return;
  auto& [type, place] = *i;
  error why{errc::provisioner_crashed, type.name + " provisioner died"};
  if (is_ours(reason))
    why = from_caf(reason);
  ++place.status.deaths;
  place.handle = provisioner_actor{};
  if (place.probing || place.status.health != type_health::serving)
    probe_failed(place, why);
  else
    stumbled(place, why);
  if (awaited_ && awaited_->type == type)
    std::exchange(awaited_, std::nullopt)->give_up(std::move(why));
}

// -- health -------------------------------------------------------------------

void provisioner_desk::stumbled(seat& where, error why) {
  log::error("type is degraded: " + why.message, {},
             {{"type", where.status.type.name}});
  where.status.health = type_health::degraded;
  where.status.reason = std::move(why);
  where.status.since = now_();
  ++where.strikes;
  await_probe(where);
}

void provisioner_desk::suspend(seat& where, error why) {
  log::error("type is suspended: " + why.message, {},
             {{"type", where.status.type.name},
              {"code", std::string{to_string(why.code)}}});
  ++where.status.suspensions;
  where.status.health = type_health::suspended;
  where.status.reason = std::move(why);
  where.status.since = now_();
  // Never at once: what failed for several will not be back in no time.
  where.strikes = std::max<std::uint32_t>(2, where.strikes + 1);
  where.troubled.clear();
  await_probe(where);
}

/// Nothing after the first failure; then later and later; and never more
/// restarts within the window than the settings allow.
std::chrono::nanoseconds provisioner_desk::pause_before_probe(seat& where) {
  std::chrono::nanoseconds pause{0};
  if (where.strikes > 1) {
    retry_policy policy{.first = settings_.probe_delay,
                        .max = settings_.probe_delay_max,
                        .growth = 2.0};
    pause = policy.next_delay(where.strikes - 2, random_());
  }
  if (where.handle)
    return pause;
  auto now = self_->clock().now();
  while (!where.restarts.empty()
         && now - where.restarts.front() >= settings_.restart_window)
    where.restarts.pop_front();
  if (where.restarts.size() >= settings_.restarts_max) {
    if (where.status.health != type_health::suspended) {
      ++where.status.suspensions;
      where.status.health = type_health::suspended;
      log::error("type is suspended: its provisioner was replaced too often",
                 {}, {{"type", where.status.type.name}});
    }
    pause = std::max<std::chrono::nanoseconds>(
      pause, where.restarts.front() + settings_.restart_window - now);
    where.restarts.pop_front();
  }
  where.restarts.push_back(now + pause);
  ++where.status.restarts;
  return pause;
}

void provisioner_desk::await_probe(seat& where) {
  where.probing = false;
  auto pause = pause_before_probe(where);
  ++where.generation;
  if (pause == std::chrono::nanoseconds{0})
    return probe(where);
  self_->delayed_send(self_, pause, atom::probe::value, where.status.type.name,
                      where.generation);
}

/// A pause before a probe is over, or a probe's deadline.
void provisioner_desk::probe_due(const std::string& type,
                                 std::uint64_t generation) {
  auto i = seats_.find(reservation_type{type});
  if (i == seats_.end() || i->second.generation != generation)
    return;
  auto& place = i->second;
  if (!place.probing)
    return probe(place);
  ++place.status.deadlines_missed;
  fence(place);
  probe_failed(place,
               {errc::deadline_exceeded,
                type + " provisioner did not answer its probe within "
                  + std::to_string(settings_.probe_timeout.count()) + " ms"});
}

void provisioner_desk::probe(seat& where) {
  where.probing = true;
  auto generation = ++where.generation;
  ++where.status.probes;
  self_->delayed_send(self_, settings_.probe_timeout, atom::probe::value,
                      where.status.type.name, generation);
  self_->request(occupied(where), caf::infinite, probe_provisioner{})
    .then(
      [this, &where, generation](done) {
        if (where.generation == generation)
          return serve(where);
        ++where.status.late_answers;
        log::warn("a provisioner answered its probe too late", {},
                  {{"type", where.status.type.name}});
      },
      [this, &where, generation](caf::error& err) {
        if (where.generation == generation)
          probe_failed(where, from_caf(err));
      });
}

void provisioner_desk::probe_failed(seat& where, error why) {
  log::warn("probe failed: " + why.message, {},
            {{"type", where.status.type.name}});
  where.status.reason = std::move(why);
  ++where.strikes;
  await_probe(where);
}

void provisioner_desk::serve(seat& where) {
  log::info("type serves again", {}, {{"type", where.status.type.name}});
  where.probing = false;
  ++where.generation;
  where.status.health = type_health::serving;
  where.status.reason = {};
  where.status.since = now_();
  on_serving_(where.status.type);
}

} // namespace provision
