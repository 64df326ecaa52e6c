// What can be asked about the node; each handler asks the actors that know and
// writes down what they say.
#include <algorithm>

#include "actors/reservation_questions.hpp"
#include "control/api_asking.hpp"
#include "control/node_health.hpp"

namespace provision {

namespace {

void write_engine(json_writer& out, const engine_status& engine) {
  out.key("engine").begin_object().field("phase", engine.phase);
  out.field("queue", std::uint64_t{engine.queue});
  out.field("unsettled", std::uint64_t{engine.unsettled});
  out.field("waiting", std::uint64_t{engine.waiting});
  out.key("in_flight");
  if (engine.in_flight.empty())
    out.null();
  else
    out.begin_object()
      .field("id", engine.in_flight)
      .field("since", engine.in_flight_since)
      .end_object();
  out.field("provisioned", engine.provisioned).field("failed", engine.failed);
  out.field("rejected", engine.rejected).field("removed", engine.removed);
  out.field("known", engine.known).field("refused", engine.refused);
  write_error(out, "paused", engine.paused);
  out.field("paused_since", engine.paused_since);
  out.field("intake_held", engine.intake_held);
  out.field("cordoned", engine.cordoned);
  out.field("deletions_held", std::uint64_t{engine.deletions_held});
  write_error(out, "clock_distrust", engine.clock_distrust);
  out.field("history_end", engine.history_end).end_object();
}

void write_reports(json_writer& out, const node_picture& node) {
  auto& reports = node.reports;
  out.key("reports").begin_object();
  out.field("owed", node.store.rows.outbox_rows);
  out.field("parked", node.store.rows.parked_rows);
  out.field("in_flight", reports.in_flight);
  out.field("delivered", reports.delivered);
  out.field("away_since", reports.away_since);
  out.field("next_try",
            reports.away_since.is_zero() ? timestamp{} : reports.next_try);
  write_error(out, "last_failure", reports.last_failure);
  out.end_object();
}

void write_workloads(json_writer& out, const capacity_status& capacity) {
  out.key("workloads").begin_object();
  for (auto& [type, count] : capacity.workloads)
    out.field(type, count);
  out.end_object();
}

/// "provisioned" -> its state; nothing for any other word.
std::optional<record_state> state_named(std::string_view name) {
  for (auto state : {record_state::accepted, record_state::applying,
                     record_state::provisioned, record_state::failed,
                     record_state::rejected, record_state::removing})
    if (to_string(state) == name)
      return state;
  return std::nullopt;
}

} // namespace

expected<list_records> list_request(const request_target& target) {
  list_records request{.prefix = std::string{target.of("prefix")},
                       .after = std::string{target.of("after")},
                       .type = std::string{target.of("type")},
                       .user = std::string{target.of("user")}};
  auto limit = target.number("limit", 100, list_count_max);
  if (!limit)
    return fail(limit.error());
  request.count_max = *limit;
  auto state = target.of("state");
  request.state = state_named(state);
  if (!state.empty() && !request.state)
    return fail(errc::malformed_input,
                "state: " + std::string{state}
                  + " is none of accepted, applying, provisioned, failed, "
                    "rejected, removing");
  return request;
}

namespace {

std::string_view cause_name(wait_cause cause) {
  switch (cause) {
  case wait_cause::type:
    return "type";
  case wait_cause::pause:
    return "pause";
  case wait_cause::confirmation:
    return "confirmation";
  }
  return "unknown";
}

/// Every type that is offered or runs here, and how it fares.
void write_types(json_writer& out, const std::vector<std::string>& offered,
                 const capacity_status& now, const engine_status& engine) {
  // What runs although it is not offered any more is shown too.
  std::map<std::string, bool> all;
  for (auto& [type, count] : now.workloads)
    all.emplace(type, false);
  for (auto& type : offered)
    all[type] = true;
  std::map<std::string, const type_status*> known;
  for (auto& one : engine.types)
    known.emplace(one.type.name, &one);
  out.begin_object().key("types").begin_array();
  for (auto& [type, is_offered] : all) {
    auto count = now.workloads.find(type);
    auto found = known.find(type);
    static const type_status unknown = {};
    auto& fares = found == known.end() ? unknown : *found->second;
    out.begin_object().field("type", type).field("offered", is_offered);
    out.field("workloads", count == now.workloads.end() ? 0 : count->second);
    out.field("health", is_offered ? to_string(fares.health) : "none");
    write_error(out, "reason", fares.reason);
    out.field("cordoned", fares.cordoned || engine.cordoned);
    out.field("waiting", std::uint64_t{fares.waiting}).end_object();
  }
  out.end_array().end_object();
}

} // namespace

void api_state::status(const api_call_ptr& call) {
  picture(call, [this, call](const node_picture& node) {
    json_writer out;
    out.begin_object().field("node_id", options.node_id);
    out.field("version", PROVISION_VERSION);
    out.field("health", health_of(node));
    out.field("now", options.clock->now()).field("started_at", started_at);
    out.field("explorer", options.explorer);
    out.key("problems").begin_array();
    for (auto& one : problems_of(node))
      out.begin_object()
        .field("code", one.code)
        .field("message", one.text)
        .end_object();
    out.end_array();
    write_engine(out, node.engine);
    write_reports(out, node);
    write_workloads(out, node.capacity);
    out.key("store").begin_object();
    out.field("quarantined", node.store.rows.quarantined);
    out.field("tombstones", node.store.rows.tombstones);
    out.field("live_at_start", node.store.live_at_start);
    out.field("salvaged_at_start", node.store.salvaged_at_start);
    out.field("next_deadline", node.store.next_deadline.value_or(timestamp{}));
    out.end_object().end_object();
    answer(*call, out);
  });
}

void api_state::list(const api_call_ptr& call) {
  auto request = list_request(call->target);
  if (!request)
    return refuse(*call, request.error());
  ask_store<listed_records>(call, *request, [call](listed_records& page) {
    json_writer out;
    out.begin_object().key("reservations").begin_array();
    for (auto& row : page.rows)
      write_record(out, row);
    out.end_array().field("next", page.next).end_object();
    answer(*call, out);
  });
}

void api_state::show(const api_call_ptr& call) {
  history(call, [call](reservation_history& found) {
    json_writer out;
    out.begin_object().field("id", found.id).key("record");
    if (found.row)
      write_record(out, *found.row);
    else
      out.null();
    out.key("tombstone");
    if (found.grave)
      out.begin_object()
        .field("gone_at", found.grave->gone_at)
        .field("version", found.grave->version)
        .field("migrated_to", found.grave->migrated_to)
        .end_object();
    else
      out.null();
    out.key("quarantine");
    if (found.set_aside)
      write_quarantined(out, *found.set_aside);
    else
      out.null();
    out.key("history").begin_array();
    for (auto& line : found.lines)
      write_line(out, line);
    out.end_array().key("reports").begin_array();
    for (auto& row : found.reports)
      write_report(out, row);
    out.end_array();
    // What a customer sent may hold secrets of his.
    if (call->role == api_role::admin && call->target.of("document") == "true"
        && found.row)
      out.key("document").raw(found.row->received.text);
    out.end_object();
    answer(*call, out);
  });
}

void api_state::explanation(const api_call_ptr& call) {
  auto facts = std::make_shared<explain_facts>();
  history(call, [=, this](reservation_history& found) {
    facts->history = std::move(found);
    ask<work_place>(
      call, peers.engine, find_work{facts->history.id},
      [=, this](work_place& place) {
        facts->place = place;
        ask<engine_status>(
          call, peers.engine, read_engine_status{},
          [=, this](engine_status& engine) {
            facts->engine = engine;
            ask<feedback_status>(
              call, peers.feedback, read_feedback_status{},
              [=, this](feedback_status& reports) {
                facts->reports = reports;
                facts->now = options.clock->now();
                auto told = explain(*facts);
                json_writer out;
                out.begin_object().field("id", facts->history.id);
                out.field("code", told.code).field("summary", told.summary);
                out.key("steps").begin_array();
                for (auto& step : told.steps)
                  out.begin_object()
                    .field("at", step.at)
                    .field("what", step.what)
                    .end_object();
                out.end_array().key("next").begin_array();
                for (auto& line : told.next)
                  out.value(line);
                out.end_array().end_object();
                answer(*call, out);
              });
          });
      });
  });
}

void api_state::types(const api_call_ptr& call) {
  ask<capacity_status>(
    call, peers.statser, read_capacity{}, [this, call](capacity_status& now) {
      ask<engine_status>(call, peers.engine, read_engine_status{},
                         [this, call, now](engine_status& engine) {
                           json_writer out;
                           write_types(out, options.types, now, engine);
                           answer(*call, out);
                         });
    });
}

void api_state::waiting(const api_call_ptr& call) {
  ask<engine_status>(
    call, peers.engine, read_engine_status{}, [call](engine_status& engine) {
      json_writer out;
      out.begin_object().field("count", std::uint64_t{engine.waiting});
      out.key("waiting").begin_array();
      for (auto& one : engine.waiting_first) {
        out.begin_object().field("id", one.id).field("type", one.type.name);
        out.field("removing", one.removing);
        out.field("cause", cause_name(one.cause)).field("reason", one.reason);
        out.field("since", one.since).end_object();
      }
      out.end_array().end_object();
      answer(*call, out);
    });
}

void api_state::capacity(const api_call_ptr& call) {
  ask<capacity_status>(call, peers.statser, read_capacity{},
                       [call](capacity_status& now) {
                         json_writer out;
                         out.begin_object();
                         write_resources(out, "capacity", now.capacity);
                         write_resources(out, "used", now.used);
                         write_resources(out, "overhead", now.overhead);
                         write_workloads(out, now);
                         out.end_object();
                         answer(*call, out);
                       });
}

void api_state::outbox(const api_call_ptr& call) {
  auto after = call->target.number("after", 0, UINT64_MAX);
  auto limit = call->target.number("limit", 100, list_count_max);
  if (!after || !limit)
    return refuse(*call, after ? limit.error() : after.error());
  bool parked = call->target.of("parked") == "true";
  auto tell = [call, parked, limit = *limit](outbox_rows& answered) {
    json_writer out;
    out.begin_object().key("reports").begin_array();
    for (auto& row : answered.rows)
      write_report(out, row);
    out.end_array();
    bool is_more = !parked && limit > 0 && answered.rows.size() == limit;
    out.field("next",
              is_more ? std::to_string(answered.rows.back().sequence) : "");
    out.end_object();
    answer(*call, out);
  };
  if (parked)
    ask_store<outbox_rows>(call, read_parked{*limit}, tell);
  else
    ask_store<outbox_rows>(call, read_outbox{*after, *limit}, tell);
}

void api_state::quarantine(const api_call_ptr& call) {
  auto limit = call->target.number("limit", 100, list_count_max);
  if (!limit)
    return refuse(*call, limit.error());
  ask_store<quarantine_rows>(
    call, read_quarantine{std::string{call->target.of("after")}, *limit},
    [call, limit = *limit](quarantine_rows& answered) {
      json_writer out;
      out.begin_object().key("quarantine").begin_array();
      for (auto& one : answered.rows)
        write_quarantined(out, one);
      bool is_more = !answered.rows.empty() && answered.rows.size() == limit;
      out.end_array();
      out.field("next", is_more ? answered.rows.back().key : std::string{});
      out.end_object();
      answer(*call, out);
    });
}

void api_state::quarantined_one(const api_call_ptr& call) {
  history(call, [call](reservation_history& found) {
    if (!found.set_aside)
      return refuse(*call, 404, "not_found",
                    found.id + " is not in the quarantine");
    json_writer out;
    out.begin_object().key("entry");
    write_quarantined(out, *found.set_aside);
    if (call->role == api_role::admin)
      out.field("input", found.set_aside->received.text);
    out.end_object();
    answer(*call, out);
  });
}

} // namespace provision
