#include "actors/janitor.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <exception>
#include <type_traits>
#include <utility>

#include "actors/caf_error.hpp"
#include "explorer/retry_policy.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Ids that the cache is asked for at once: the engine waits meanwhile.
constexpr std::size_t ids_max = 256;

/// Pause before a comparison that did not come off is tried again, at most.
constexpr std::chrono::seconds retry_pause_max{30};

/// How long one that could not be removed is left alone. It goes with the first
/// comparison after that.
constexpr retry_policy removal_pauses{.first = std::chrono::minutes{5},
                                      .max = std::chrono::hours{24},
                                      .growth = 2.0,
                                      .jitter = 0.0};

/// Why host and records cannot be compared now; empty if they can.
std::string unrest(const engine_status& engine) {
  if (engine.phase != "running")
    return "the engine is " + engine.phase;
  if (!engine.history_end)
    return "the sources have not handed over their history yet";
  if (engine.queue != 0 || engine.unsettled != 0 || !engine.in_flight.empty())
    return "the engine is at work";
  return {};
}

bool has_moved(const engine_status& a, const engine_status& b) {
  return a.provisioned != b.provisioned || a.removed != b.removed
         || a.failed != b.failed;
}

/// What a back-end throws must not end the janitor: it may have an id in hand,
/// which the engine would wait for without end.
template <class Call>
auto guarded(Call call) -> decltype(call()) {
  error thrown{errc::backend_failure,
               "threw something that is no std::exception"};
  try {
    return call();
  } catch (const std::exception& what) {
    thrown.message = what.what();
  } catch (...) {
  }
  if constexpr (std::is_same_v<decltype(call()), error>)
    return thrown;
  else
    return fail(std::move(thrown));
}

/// What each volume is used by, apart from itself.
std::map<std::string, std::string>
users_of_volumes(const std::vector<typed_object>& host) {
  std::map<std::string, std::string> users;
  for (const auto& [type, object] : host)
    for (const auto& volume : object.volumes)
      users.emplace(volume, type.name + ' ' + object.id);
  return users;
}

} // namespace

std::string orphan::key() const {
  return type.name + ':' + (object.id.empty() ? object.what : object.id);
}

cleanup_report cleanup_resources(
  const std::vector<typed_object>& host,
  const std::function<reservation_fate(const std::string& id)>& fate_of) {
  cleanup_report report;
  const auto users = users_of_volumes(host);
  for (const auto& [type, object] : host) {
    ++report.looked_at;
    const auto why
      = object.id.empty() ? reservation_fate{} : fate_of(object.id);
    if (why.is == fate::live || why.is == fate::unknown)
      continue;
    orphan found{.type = type, .object = object, .why = why};
    if (type == reservation_types::volume)
      if (const auto user = users.find(object.id); user != users.end())
        found.used_by = user->second;
    report.orphans.push_back(std::move(found));
  }
  return report;
}

janitor_impl::behavior_type
janitor(janitor_impl::stateful_pointer<janitor_state> self, janitor_peers peers,
        config::janitor_settings settings) {
  auto& state = self->state;
  state.peers = std::move(peers);
  state.settings = settings;
  state.report.removes = settings.remove;
  state.report.quarantine = settings.quarantine;
  state.report.obstacle = "nothing was compared yet";
  state.end_round();
  return {[=](remove_orphan& request) {
            return self->state.order(std::move(request));
          },
          [=](look_for_orphans) { self->state.look(); },
          [=](atom::tick, std::uint64_t generation) {
            if (generation == self->state.generation)
              self->state.look();
          }};
}

// -- a comparison -------------------------------------------------------------

void janitor_state::look() {
  if (busy) {
    look_again = true;
    return;
  }
  busy = true;
  look_again = false;
  auto now = std::make_shared<round>();
  self->request(peers.engine, caf::infinite, read_engine_status{})
    .then(
      [this, now](engine_status& engine) {
        if (const auto why = unrest(engine); !why.empty())
          return fail_round(why);
        now->before = engine;
        list_host(now);
      },
      [this](caf::error& err) { fail_round(from_caf(err).message); });
}

/// Before the records are asked: what is made meanwhile is then not here, and
/// what is here has had its record before.
void janitor_state::list_host(const round_ptr& now) {
  std::set<std::string> ids;
  for (const auto& one : peers.inventories) {
    const auto held = guarded(one.list);
    if (!held) {
      now->gaps += (now->gaps.empty() ? "" : "; ") + one.type.name + ": "
                   + held.error().message;
      continue;
    }
    for (const auto& object : *held) {
      if (!object.id.empty())
        ids.insert(object.id);
      now->host.emplace_back(one.type, object);
    }
  }
  recall(now, {ids.begin(), ids.end()});
}

void janitor_state::recall(const round_ptr& now, std::vector<std::string> ids) {
  if (ids.empty())
    return check_rest(now);
  const auto count = std::min(ids.size(), ids_max);
  const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<std::string> some{ids.begin(), middle};
  std::vector<std::string> rest{middle, ids.end()};
  self->request(peers.cache, caf::infinite, recall_fates{some})
    .then(
      [=, this](recalled_fates& answer) {
        for (std::size_t i = 0; i < answer.fates.size(); ++i)
          now->fates[some.at(i)] = answer.fates[i];
        recall(now, rest);
      },
      [this](caf::error& err) { fail_round(from_caf(err).message); });
}

void janitor_state::read_names(std::string after, name_set all,
                               std::function<void()> then,
                               std::function<void(const error&)> otherwise) {
  self->request(peers.cache, caf::infinite, list_host_names{std::move(after)})
    .then(
      [=, this](host_names& page) {
        all->insert(page.names.begin(), page.names.end());
        if (page.next.empty())
          return then();
        read_names(page.next, all, then, otherwise);
      },
      [otherwise](caf::error& err) { otherwise(from_caf(err)); });
}

/// What the engine did meanwhile would look like an orphan, or hide one.
void janitor_state::check_rest(const round_ptr& now) {
  const bool has_candidates
    = std::ranges::any_of(now->fates, [](const auto& one) {
        return one.second.is != fate::live && one.second.is != fate::unknown;
      });
  const auto go_on = [this, now] {
    self->request(peers.engine, caf::infinite, read_engine_status{})
      .then(
        [this, now](engine_status& engine) {
          if (!unrest(engine).empty() || has_moved(now->before, engine))
            return fail_round("the engine is at work");
          compare(now);
        },
        [this](caf::error& err) { fail_round(from_caf(err).message); });
  };
  if (!has_candidates)
    return go_on();
  // One that took another's place still bears its name.
  const auto names = std::make_shared<std::set<std::string>>();
  read_names(
    {}, names,
    [now, names, go_on] {
      now->names = std::move(*names);
      go_on();
    },
    [this](const error& failed) { fail_round(failed.message); });
}

void janitor_state::compare(const round_ptr& now) {
  auto found = cleanup_resources(now->host, [&](const std::string& id) {
    return now->names.contains(id) ? reservation_fate{.is = fate::live}
                                   : now->fates[id];
  });
  for (auto& one : found.orphans) {
    if (const auto* known = find(one.key())) {
      one.seen_since = known->seen_since;
      one.seen_at = known->seen_at;
      one.last_failure = known->last_failure;
      one.failures = known->failures;
      one.next_try = known->next_try;
      one.next_try_at = known->next_try_at;
      continue;
    }
    one.seen_since = peers.clock->now();
    one.seen_at = self->clock().now();
    log::warn("an orphan: no reservation wants it", one.object.id,
              {{"orphan", one.key()},
               {"what", one.object.what},
               {"reservation", std::string{to_string(one.why.is)}}});
  }
  report.orphans = std::move(found.orphans);
  report.looked_over = found.looked_at;
  report.looked_at = peers.clock->now();
  report.obstacle = now->gaps;
  is_whole = now->gaps.empty();
  end_round();
  next_due();
}

void janitor_state::fail_round(const std::string& why) {
  report.obstacle = why;
  is_whole = false;
  end_round();
}

void janitor_state::end_round() {
  busy = false;
  peers.board->write(report);
  wait();
}

void janitor_state::wait() {
  if (look_again)
    return self->send(self, atom::tick::value, ++generation);
  const std::chrono::nanoseconds interval = settings.interval;
  const std::chrono::nanoseconds pause
    = is_whole ? interval
               : std::min<std::chrono::nanoseconds>(interval, retry_pause_max);
  self->delayed_send(self, pause, atom::tick::value, ++generation);
}

// -- a removal ----------------------------------------------------------------

orphan* janitor_state::find(const std::string& key) {
  const auto found = std::ranges::find(report.orphans, key, &orphan::key);
  return found == report.orphans.end() ? nullptr : &*found;
}

caf::result<done> janitor_state::order(remove_orphan request) {
  const auto* found = find(request.key);
  if (found == nullptr)
    return to_caf(
      {errc::no_such_reservation, "there is no orphan " + request.key
                                    + "; 'provisionctl orphans' lists them"});
  if (found->object.id.empty())
    return to_caf({errc::invalid_reservation,
                   request.key
                     + ": it tells of no reservation; remove it by "
                       "hand"});
  if (!found->used_by.empty())
    return to_caf(
      {errc::host_busy, request.key + ": " + found->used_by + " uses it"});
  if (busy)
    return to_caf({errc::host_busy, "the janitor is at work; order it again"});
  auto work = std::make_shared<removal>(
    removal{*found, request.reason, self->make_response_promise<done>()});
  claim(work);
  return *work->reply;
}

/// The first whose time is over: nothing is, unless all of the host was seen.
void janitor_state::next_due() {
  if (busy || !settings.remove || !is_whole)
    return;
  const auto now = self->clock().now();
  for (const auto& type : peers.inventories)
    for (const auto& one : report.orphans)
      if (one.type == type.type && one.may_go() && now >= one.next_try_at
          && now - one.seen_at >= settings.quarantine)
        return claim(std::make_shared<removal>(removal{.what = one}));
}

void janitor_state::claim(const removal_ptr& work) {
  busy = true;
  self->request(peers.engine, caf::infinite, claim_id{work->what.object.id})
    .then([this, work](done) { check_fate(work); },
          [this, work](caf::error& err) {
            const auto why = from_caf(err);
            if (work->reply)
              work->reply->deliver(to_caf(why));
            end_round();
          });
}

/// Once more, now that nobody can change it.
void janitor_state::check_fate(const removal_ptr& work) {
  self
    ->request(peers.cache, caf::infinite, recall_fates{{work->what.object.id}})
    .then(
      [this, work](recalled_fates& answer) {
        const auto is = answer.fates.at(0).is;
        const bool may_go = work->reply
                              ? is != fate::live && is != fate::unknown
                              : is == fate::gone;
        if (!may_go)
          return end_removal(
            work, {errc::no_such_reservation,
                   "its reservation is " + std::string{to_string(is)}});
        check_names(work);
      },
      [this, work](caf::error& err) { end_removal(work, from_caf(err)); });
}

void janitor_state::check_names(const removal_ptr& work) {
  const auto names = std::make_shared<std::set<std::string>>();
  read_names(
    {}, names,
    [this, work, names] {
      if (names->contains(work->what.object.id))
        return end_removal(work, {errc::no_such_reservation,
                                  "a live reservation bears its name"});
      remove(work);
    },
    [this, work](const error& failed) { end_removal(work, failed); });
}

void janitor_state::remove(const removal_ptr& work) {
  const auto place
    = std::ranges::find(peers.inventories, work->what.type, &inventory::type);
  log::warn(work->reply ? "an orphan is removed by an operator: " + work->reason
                        : "an orphan is removed: its reservation is gone",
            work->what.object.id, {{"orphan", work->what.key()}});
  end_removal(work, guarded([&] { return place->remove(work->what.object); }));
}

void janitor_state::postpone(orphan& what, const error& why) {
  const auto pause = removal_pauses.next_delay(what.failures++, /*random=*/0.0);
  what.last_failure = why;
  what.next_try = saturating_add(peers.clock->now(), pause);
  what.next_try_at = self->clock().now() + pause;
}

void janitor_state::end_removal(const removal_ptr& work, const error& failed) {
  self->send(peers.engine, release_id{work->what.object.id});
  const auto key = work->what.key();
  if (failed) {
    ++report.removals_failed;
    log::error("an orphan could not be removed: " + failed.message,
               work->what.object.id, {{"orphan", key}});
    if (auto* left = find(key))
      postpone(*left, failed);
  } else {
    ++report.removed;
    std::erase_if(report.orphans,
                  [&](const orphan& one) { return one.key() == key; });
  }
  if (work->reply) {
    if (failed)
      work->reply->deliver(to_caf(failed));
    else
      work->reply->deliver(done{});
  }
  busy = false;
  peers.board->write(report);
  next_due();
  if (look_again)
    look();
}

} // namespace provision
