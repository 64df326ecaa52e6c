#include "actors/engine_loop.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/caf_error.hpp"
#include "actors/reservation_cache.hpp"
#include "logging/log.hpp"

namespace provision {

namespace {

/// Whether an earlier try, which a crash or an error cut short, may have made
/// something that is this reservation's alone. Time is no matter here.
bool may_be_there(const intent& work) {
  auto& row = *work.row;
  auto& what = *work.what;
  return row.state == record_state::applying && filesystem_name(what) == what.id
         && !what.validate(what.created) && resources_of(what);
}

} // namespace

engine_impl::behavior_type
engine_loop(engine_impl::stateful_pointer<engine_loop_state> self,
            engine_peers peers, config::engine_settings settings) {
  auto& state = self->state;
  state.peers = std::move(peers);
  state.settings = settings;
  self->set_down_handler([=](caf::down_msg& down) {
    self->state.desk.down(down.source, down.reason);
  });
  state.open_desk();
  state.recall_orders();
  state.times.started(self->clock().now());
  auto cut_short = state.peers.mark->read();
  state.peers.mark->clear();
  state.recover(0, std::move(cut_short));
  return {
    [=](decommission_cached& order) {
      return self->state.decommission_cached_one(std::move(order));
    },
    [=](read_engine_status) { return self->state.status(); },
    [=](find_work& request) { return self->state.place_of(request.id); },
    [=](read_engine_numbers) { return self->state.times.numbers(); },
    [=](list_quarantine& request) {
      return self->state.list_quarantined(std::move(request));
    },
    [=](retry_quarantined& request) {
      return self->state.retry_row(std::move(request));
    },
    [=](drop_quarantined& request) {
      return self->state.drop_row(std::move(request));
    },
    [=](submit_documents& request) {
      return self->state.submit(std::move(request));
    },
    [=](pause_intake) { return self->state.hold_intake(true); },
    [=](resume_intake) { return self->state.hold_intake(false); },
    [=](cordon_type& order) { return self->state.cordon(order.type, true); },
    [=](uncordon_type& order) { return self->state.cordon(order.type, false); },
    [=](retry_reservation& order) { return self->state.retry_now(order.id); },
    [=](confirm_deletions) { return self->state.confirm_held_deletions(); },
    [=](confirm_clock) { return self->state.believe_clock(); },
    [=](claim_id& request) { return self->state.claim(request.id); },
    [=](release_id& request) { self->state.release(request.id); },
    [=](stop_engine) { return self->state.stop(); },
    [=](atom::retry) { self->state.resume(); },
    [=](atom::retry, const std::string& id) {
      if (self->state.queue.wake(id))
        self->state.pump();
    },
    [=](atom::deadline, std::uint64_t generation) {
      self->state.desk.deadline_due(generation);
    },
    [=](atom::probe, const std::string& type, std::uint64_t generation) {
      self->state.desk.probe_due(type, generation);
    }};
}

void engine_loop_state::open_desk() {
  desk.open(
    peers.provisioners, settings, peers.random,
    [clock = peers.clock] { return clock->now(); },
    [this](const reservation_type& type) {
      queue.wake_type(type);
      pump();
    });
  for (const auto& type : peers.run_always)
    desk.occupy(type);
}

// -- the steps of a reservation -----------------------------------------------

void engine_loop_state::pump() {
  // Outcomes that cannot be made durable must not pile up.
  while (running && !stopping && !current && !queue.empty()
         && outcomes.size() < settings.queue_max) {
    begin(queue.pop_front());
  }
  want_page();
}

void engine_loop_state::begin(work_queue::place next) {
  current = journey{std::move(next.work), next.turn, false, peers.clock->now()};
  auto& row = *current->work.row;
  if (row.deaths >= settings.deaths_max)
    return quarantine();
  if (row.state == record_state::removing)
    return decommission();
  admit();
}

std::string
engine_loop_state::reason_for_refusing(const reservation_type& type) const {
  const auto found = peers.refusals.find(type);
  return found == peers.refusals.end() ? "" : ": " + found->second;
}

void engine_loop_state::admit() {
  auto& what = *current->work.what;
  if (current->work.objection)
    return reject(current->work.objection);
  if (auto broken = what.validate(peers.clock->now())) {
    if (broken.code == errc::expired && !clock_is_trusted())
      return wait_for_clock();
    return refuse(std::move(broken));
  }
  if (!desk.offers(what.type))
    return refuse({errc::type_not_offered,
                   "type of reservation not supported: this node does not "
                   "offer "
                     + what.type.name + reason_for_refusing(what.type)});
  auto takes = resources_of(what);
  if (!takes)
    return reject(takes.error());
  if (auto reason = desk.objection_to_new(what.type); !reason.empty())
    return wait(wait_cause::type, std::move(reason));
  self
    ->request(peers.statser, caf::infinite,
              admit_workload{to_ledger_entry(*current->work.row)})
    .then(
      [this](done) {
        current->counted = true;
        provision();
      },
      [this](caf::error& err) {
        refuse(from_caf(err));
        pump();
      });
}

void engine_loop_state::provision() {
  peers.mark->set(current->work.what->id);
  times.call_begins(current->work.what->id, current->work.what->type,
                    self->clock().now());
  desk.provision(
    current->work.what, [this](expected<provisioned_workload> answer) {
      times.call_ends(current->work.what->type, false, answer.has_value(),
                      self->clock().now());
      if (!answer && kind_of(answer.error().code) != error_kind::permanent) {
        retry_later(answer.error());
      } else if (!answer) {
        failed(answer.error());
      } else {
        auto& what = *current->work.what;
        ++counters.provisioned;
        log::info("provisioned", what.id, {{"type", what.type.name}});
        finish({.work = current->work,
                .state = record_state::provisioned,
                .result = make_result(what, result_state::ok, {},
                                      std::move(answer->data)),
                .send_result = true});
      }
      pump();
    });
}

void engine_loop_state::decommission() {
  auto& what = *current->work.what;
  if (!desk.offers(what.type))
    return removal_failed(
      {errc::type_not_offered, "this node does not offer " + what.type.name
                                 + ", so it cannot take it down"
                                 + reason_for_refusing(what.type)});
  // Before the brake is asked, too: what is woken while it answers came first.
  if (auto reason = desk.objection(what.type); !reason.empty())
    return wait(wait_cause::type, std::move(reason));
  if (has_brake(*current->work.row))
    return ask_brake();
  take_down();
}

void engine_loop_state::take_down() {
  auto& what = *current->work.what;
  if (auto reason = desk.objection(what.type); !reason.empty())
    return wait(wait_cause::type, std::move(reason));
  peers.mark->set(what.id);
  times.call_begins(what.id, what.type, self->clock().now());
  desk.decommission(current->work.what, [this](expected<done> answer) {
    times.call_ends(current->work.what->type, true, answer.has_value(),
                    self->clock().now());
    if (answer)
      removed();
    else
      removal_failed(answer.error());
    pump();
  });
}

/// The one in hand may not go on now: others pass it until it is woken.
void engine_loop_state::wait(wait_cause cause, std::string reason) {
  auto id = current->work.row->id;
  log::info("waits: " + reason, id);
  times.waits(id);
  queue.wait({current->turn, std::move(current->work)}, cause,
             std::move(reason), peers.clock->now());
  current.reset();
  // Its page may speak of it again.
  accept_segment();
}

/// The error may pass: the try is counted on disk, then comes a pause.
void engine_loop_state::retry_later(error why) {
  auto& row = *current->work.row;
  if (row.retries >= settings.retries_max) {
    why.message += ", " + std::to_string(row.retries + 1) + " times in a row";
    return failed(std::move(why));
  }
  if (current->counted)
    self->send(peers.statser, decrement{{to_ledger_entry(row)}});
  ++counters.retried;
  log::warn("provisioning is tried again: " + why.message, row.id,
            {{"type", row.type.name},
             {"code", std::string{to_string(why.code)}},
             {"retries", std::to_string(row.retries + 1)}});
  auto again = std::make_shared<record>(row);
  ++again->retries;
  ++again->attempts;
  again->state = record_state::applying;
  auto work = std::move(current->work);
  work.row = std::move(again);
  finish({.work = std::move(work),
          .state = record_state::applying,
          .remark = to_string(why)});
}

void engine_loop_state::failed(error why) {
  auto& what = *current->work.what;
  if (current->counted)
    self->send(peers.statser, decrement{{to_ledger_entry(*current->work.row)}});
  ++counters.failed;
  log::error(
    "provisioning failed: " + why.message, what.id,
    {{"type", what.type.name}, {"code", std::string{to_string(why.code)}}});
  // The original's pair: the error result, then "deleted".
  finish({.work = current->work,
          .state = record_state::failed,
          .result = make_result(what, result_state::error, why.message, "null"),
          .send_result = true,
          .send_deleted = true});
}

void engine_loop_state::refuse(error why) {
  if (may_be_there(current->work))
    withdraw(std::move(why));
  else
    reject(std::move(why));
}

/// What an earlier try left goes first, then the owner hears the reason.
void engine_loop_state::withdraw(error why) {
  auto& row = *current->work.row;
  log::warn(
    "refused, and what an earlier try made is taken down: " + why.message,
    row.id,
    {{"type", row.type.name}, {"code", std::string{to_string(why.code)}}});
  finish({.work = current->work,
          .state = record_state::removing,
          .withdrawn = std::move(why)});
}

void engine_loop_state::reject(error why) {
  auto& what = *current->work.what;
  ++counters.rejected;
  log::warn(
    "rejected: " + why.message, what.id,
    {{"type", what.type.name}, {"code", std::string{to_string(why.code)}}});
  finish({.work = current->work,
          .state = record_state::rejected,
          .result = make_result(what, result_state::error, why.message, "null"),
          .send_result = true,
          .send_deleted = true});
}

void engine_loop_state::quarantine() {
  auto& row = *current->work.row;
  error why{errc::provisioner_crashed, "in flight at "
                                         + std::to_string(row.deaths)
                                         + " deaths of the daemon in a row"};
  log::error("quarantined: " + why.message, row.id);
  // A removal that kills the daemon is not tried again; what runs stays.
  bool runs = row.state == record_state::removing
              && row.cause != removal_cause::refused;
  settlement outcome{
    .work = current->work, .state = record_state::failed, .quarantine = why};
  if (runs) {
    outcome.state = record_state::provisioned;
    outcome.result = row.result;
  } else {
    tell_owner(outcome, row.reason.empty() ? why.message : row.reason);
    outcome.send_deleted = true;
  }
  finish(std::move(outcome));
}

/// The reason is this reservation's result, unless it has one of that kind.
void engine_loop_state::tell_owner(settlement& outcome, std::string reason) {
  auto& row = *outcome.work.row;
  const bool told
    = !row.result.is_nil() && row.result.state == result_state::error;
  outcome.send_result = !told;
  outcome.result = told ? row.result
                        : make_result(*outcome.work.what, result_state::error,
                                      std::move(reason), "null");
}

void engine_loop_state::removed() {
  auto& row = *current->work.row;
  ++counters.removed;
  if (row.cause == removal_cause::expired)
    times.expired(difference(peers.clock->now(), row.expires));
  log::info("decommissioned", row.id, {{"type", row.type.name}});
  settlement outcome{.work = current->work, .send_deleted = true};
  if (row.cause == removal_cause::beyond_repair) {
    // The original's order of reports: "deleted", then the owner hears why.
    tell_owner(outcome, row.reason);
    outcome.deleted_first = true;
  } else if (row.cause == removal_cause::refused) {
    // It ends like one that was refused at once.
    ++counters.rejected;
    tell_owner(outcome, row.reason);
    outcome.state = record_state::rejected;
  }
  finish(std::move(outcome));
}

void engine_loop_state::removal_failed(error why) {
  auto& row = *current->work.row;
  auto& again = stuck[row.id];
  ++again.failures;
  again.last = why;
  log::error(
    "decommissioning failed, trying again: " + why.message, row.id,
    {{"type", row.type.name}, {"failures", std::to_string(again.failures)}});
  settlement outcome{.work = current->work, .state = record_state::removing};
  if (row.cause == removal_cause::beyond_repair
      || row.cause == removal_cause::refused)
    tell_owner(outcome, row.reason);
  finish(std::move(outcome));
}

void engine_loop_state::finish(settlement outcome) {
  peers.mark->clear();
  outcome.turn = current->turn;
  current.reset();
  outcomes.push_back(std::move(outcome));
  flush();
}

result engine_loop_state::make_result(const reservation& what,
                                      result_state state,
                                      std::string error_text,
                                      std::string data) const {
  return {.type = what.type,
          .id = what.id,
          .created = peers.clock->now(),
          .state = state,
          .error = std::move(error_text),
          .data = std::move(data)};
}

} // namespace provision
