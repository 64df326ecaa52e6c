#include "actors/engine_loop.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

#include "actors/caf_error.hpp"
#include "actors/reservation_cache.hpp"
#include "logging/log.hpp"

namespace provision {

engine_impl::behavior_type
engine_loop(engine_impl::stateful_pointer<engine_loop_state> self,
            engine_peers peers, config::engine_settings settings) {
  auto& state = self->state;
  state.peers = std::move(peers);
  state.settings = settings;
  self->set_down_handler([=](caf::down_msg& down) {
    for (auto& [type, seat] : self->state.seats)
      if (seat.address() == down.source)
        return self->state.lost(type);
  });
  auto cut_short = state.peers.mark->read();
  state.peers.mark->clear();
  state.recover(0, std::move(cut_short));
  return {[=](decommission_cached& order) {
            return self->state.decommission_cached_one(std::move(order));
          },
          [=](read_engine_status) { return self->state.status(); },
          [=](find_work& request) { return self->state.place_of(request.id); },
          [=](stop_engine) { return self->state.stop(); },
          [=](atom::retry) { self->state.resume(); },
          [=](atom::retry, const std::string& id) {
            // A removal's pause is over: it queues up again.
            auto i = self->state.stuck.find(id);
            if (i == self->state.stuck.end() || self->state.stopping)
              return;
            self->state.queue.push_back(i->second.work);
            self->state.pump();
          }};
}

// -- the steps of a reservation -----------------------------------------------

void engine_loop_state::pump() {
  // Outcomes that cannot be made durable must not pile up.
  while (running && !stopping && !current && !queue.empty()
         && outcomes.size() + unsettled.size() < settings.queue_max) {
    auto work = std::move(queue.front());
    queue.pop_front();
    begin(std::move(work));
  }
  want_page();
}

void engine_loop_state::begin(intent work) {
  current = journey{std::move(work), false, peers.clock->now()};
  auto& row = *current->work.row;
  if (row.deaths >= settings.deaths_max)
    return quarantine();
  if (row.state == record_state::removing)
    return decommission();
  admit();
}

void engine_loop_state::admit() {
  auto& what = *current->work.what;
  if (current->work.objection)
    return reject(current->work.objection);
  if (auto broken = what.validate(peers.clock->now()))
    return reject(std::move(broken));
  if (!peers.provisioners.contains(what.type))
    return reject({errc::type_not_offered,
                   "type of reservation not supported: this node does not "
                   "offer "
                     + what.type.name});
  auto takes = resources_of(what);
  if (!takes)
    return reject(takes.error());
  self
    ->request(peers.statser, caf::infinite,
              admit_workload{to_ledger_entry(*current->work.row)})
    .then(
      [this](done) {
        current->counted = true;
        provision();
      },
      [this](caf::error& err) {
        reject(from_caf(err));
        pump();
      });
}

void engine_loop_state::provision() {
  peers.mark->set(current->work.what->id);
  ask_provisioner<provision_workload, provisioned_workload>(
    {current->work.what}, [this](expected<provisioned_workload> answer) {
      if (!answer) {
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
  if (!peers.provisioners.contains(what.type))
    return removal_failed(
      {errc::type_not_offered, "this node does not offer " + what.type.name
                                 + ", so it cannot take it down"});
  peers.mark->set(what.id);
  ask_provisioner<decommission_workload, done>(
    {current->work.what}, [this](expected<done> answer) {
      if (answer)
        removed();
      else
        removal_failed(answer.error());
      pump();
    });
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
  auto& what = *current->work.what;
  error why{errc::provisioner_crashed, "in flight at "
                                         + std::to_string(row.deaths)
                                         + " deaths of the daemon in a row"};
  log::error("quarantined: " + why.message, row.id);
  bool removing = row.state == record_state::removing;
  // A removal that kills the daemon is not tried again; what runs stays.
  finish({.work = current->work,
          .state = removing ? record_state::provisioned : record_state::failed,
          .result = removing ? row.result
                             : make_result(what, result_state::error,
                                           why.message, "null"),
          .send_result = !removing,
          .send_deleted = !removing,
          .quarantine = why});
}

void engine_loop_state::removed() {
  auto& row = *current->work.row;
  ++counters.removed;
  log::info("decommissioned", row.id, {{"type", row.type.name}});
  bool beyond_repair = row.cause == removal_cause::beyond_repair;
  settlement outcome{.work = current->work, .send_deleted = true};
  if (beyond_repair && !stuck.contains(row.id)) {
    // The original's order of reports: "deleted", then the owner hears why.
    outcome.result = make_result(*current->work.what, result_state::error,
                                 row.reason, "null");
    outcome.send_result = outcome.deleted_first = true;
  }
  finish(std::move(outcome));
}

void engine_loop_state::removal_failed(error why) {
  auto& row = *current->work.row;
  auto [again, first] = stuck.try_emplace(row.id);
  again->second.work = current->work;
  ++again->second.failures;
  again->second.last = why;
  log::error("decommissioning failed, trying again: " + why.message, row.id,
             {{"type", row.type.name},
              {"failures", std::to_string(again->second.failures)}});
  settlement outcome{.work = current->work, .state = record_state::removing};
  if (first && row.cause == removal_cause::beyond_repair) {
    outcome.result = make_result(*current->work.what, result_state::error,
                                 row.reason, "null");
    outcome.send_result = true;
  }
  finish(std::move(outcome));
}

void engine_loop_state::finish(settlement outcome) {
  peers.mark->clear();
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

// -- provisioners -------------------------------------------------------------

provisioner_actor& engine_loop_state::seat(const reservation_type& type) {
  auto& handle = seats[type];
  if (!handle) {
    handle = peers.provisioners.at(type)();
    self->monitor(handle);
  }
  return handle;
}

void engine_loop_state::fence(const reservation_type& type, const error& why) {
  auto i = seats.find(type);
  if (i == seats.end())
    return;
  log::error("provisioner is replaced: " + why.message, {},
             {{"type", type.name}});
  self->demonitor(i->second.address());
  // It may hang for ever: nobody listens to it from now on.
  self->send_exit(i->second, caf::exit_reason::kill);
  seats.erase(i);
}

/// A provisioner has died. Nobody else tells: an actor that ends while it works
/// leaves its caller without an answer.
void engine_loop_state::lost(reservation_type type) {
  error why{errc::provisioner_crashed, type.name + " provisioner died"};
  fence(type, why);
  if (call_failed && current->work.what->type == type)
    std::exchange(call_failed, nullptr)(why);
}

template <class Request, class Reply, class Then>
void engine_loop_state::ask_provisioner(Request request, Then then) {
  auto type = current->work.what->type;
  auto asked
    = self->request(seat(type), settings.provision_timeout, std::move(request));
  auto ticket = asked.id();
  call_failed = [then](error why) mutable {
    then(expected<Reply>{fail(std::move(why))});
  };
  // CAF keeps the timeout of an answered request in its clock: cancel it.
  auto settle = [this, ticket, number = ++calls_made] {
    self->clock().cancel_request_timeout(self, ticket);
    if (number != calls_made || !call_failed)
      return false;
    call_failed = nullptr;
    return true;
  };
  asked.then(
    [settle, then](Reply& reply) mutable {
      if (settle())
        then(expected<Reply>{std::move(reply)});
    },
    [this, settle, then, type](caf::error& err) mutable {
      if (!settle())
        return;
      auto why = from_caf(err);
      if (why.code == errc::deadline_exceeded) {
        why.message = type.name + " provisioner did not answer within "
                      + std::to_string(settings.provision_timeout.count())
                      + " ms";
        fence(type, why);
      }
      then(expected<Reply>{fail(std::move(why))});
    });
}

// -- control ------------------------------------------------------------------

caf::result<done> engine_loop_state::stop() {
  stopping = true;
  stop_asked = self->make_response_promise<done>();
  auto reply = *stop_asked;
  check_stopped();
  return reply;
}

void engine_loop_state::check_stopped() {
  if (!stop_asked || current || settling || accepting || !outcomes.empty())
    return;
  stop_asked->deliver(done{});
  stop_asked.reset();
}

engine_status engine_loop_state::status() const {
  auto result = counters;
  result.phase = stopping ? "stopping" : running ? "running" : "starting";
  result.queue = queue.size();
  result.unsettled = outcomes.size() + unsettled.size();
  result.waiting = stuck.size();
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
