#include "control/api_answers.hpp"

#include <limits>

#include <rapidjson/document.h>

#include "logging/log.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

int status_of(errc code) {
  switch (code) {
  case errc::malformed_input:
  case errc::input_too_large:
    return 400;
  case errc::no_such_reservation:
    return 404;
  case errc::already_exists:
  case errc::decommission_failed:
    return 409;
  case errc::shutting_down:
  case errc::disk_full:
  case errc::storage_failure:
  case errc::host_busy:
    return 503;
  default:
    return 500;
  }
}

void send(api_call& call, std::string body, int status, const char* type) {
  http_server_response response{.status = status, .body = std::move(body)};
  response.headers.emplace_back("Content-Type", type);
  response.headers.emplace_back("Cache-Control", "no-store");
  call.reply(std::move(response));
}

} // namespace

void answer(api_call& call, const json_writer& text, int status) {
  send(call, text.text() + "\n", status, "application/json");
}

void answer_text(api_call& call, std::string text, int status) {
  send(call, std::move(text), status, "text/plain; charset=utf-8");
}

void answer_metrics(api_call& call, std::string text) {
  constexpr int ok = 200;
  send(call, std::move(text), ok, "text/plain; version=0.0.4; charset=utf-8");
}

void refuse(api_call& call, int status, std::string_view code,
            std::string_view message) {
  json_writer out;
  out.begin_object().key("error").begin_object();
  out.field("code", code).field("message", message);
  out.end_object().end_object();
  answer(call, out, status);
}

void refuse(api_call& call, const error& why) {
  refuse(call, status_of(why.code), to_string(why.code), why.message);
}

expected<std::string> text_member(const std::string& body, const char* name) {
  auto broken = json::check_json(body, nullptr, {.depth_max = 8});
  if (broken)
    return fail(std::move(broken));
  rapidjson::Document document;
  document.Parse(body.data(), body.size());
  if (!document.IsObject() || !document.HasMember(name)
      || !document[name].IsString())
    return fail(errc::malformed_input,
                std::string{name} + ": a text is missing");
  return std::string{document[name].GetString(),
                     document[name].GetStringLength()};
}

expected<std::string> reason_of_order(const std::string& body) {
  constexpr std::size_t bytes_max = 1024;
  auto reason = text_member(body, "reason");
  if (reason && (reason->empty() || reason->size() > bytes_max))
    return fail(errc::malformed_input,
                "reason: 1 to 1024 bytes, its owner reads it");
  return reason;
}

void note_order(const api_call& call, std::string_view name,
                const std::string& subject) {
  auto& peer = call.request.peer;
  log::info("an order was given", {},
            {{"order", std::string{name}},
             {"subject", subject},
             {"user", peer ? std::to_string(peer->user) : "unknown"}});
}

void write_error(json_writer& out, std::string_view name, const error& why) {
  out.key(name);
  if (!why) {
    out.null();
    return;
  }
  out.begin_object().field("code", to_string(why.code));
  out.field("message", why.message).end_object();
}

void write_resources(json_writer& out, std::string_view name,
                     const resources& amounts) {
  constexpr auto no_limit = std::numeric_limits<std::uint64_t>::max();
  out.key(name).begin_object();
  for (auto [unit, amount] :
       {std::pair{"cru", amounts.cru}, std::pair{"mru", amounts.mru},
        std::pair{"hru", amounts.hru}, std::pair{"sru", amounts.sru}}) {
    out.key(unit);
    if (amount == no_limit)
      out.null();
    else
      out.value(amount);
  }
  out.end_object();
}

void write_record(json_writer& out, const record& row) {
  out.begin_object().field("id", row.id).field("type", row.type.name);
  out.field("state", to_string(row.state)).field("user", row.user_id);
  out.field("source", row.source).field("version", row.version);
  out.field("accepted_at", row.accepted_at);
  out.field("settled_at", row.settled_at).field("expires", row.expires);
  out.field("attempts", row.attempts).field("deaths", row.deaths);
  write_resources(out, "takes", row.takes);
  if (!row.network.empty())
    out.field("network", row.network);
  if (row.cause != removal_cause::none)
    out.field("removal_cause", to_string(row.cause))
      .field("removal_reason", row.reason);
  out.key("result");
  if (row.result.is_nil() && row.result.error.empty()) {
    out.null();
  } else {
    out.begin_object().field("state", to_string(row.result.state));
    out.field("created", row.result.created).field("error", row.result.error);
    out.key("data").raw(row.result.data.empty() ? "null" : row.result.data);
    out.end_object();
  }
  out.end_object();
}

void write_line(json_writer& out, const journal_entry& line,
                std::string_view row) {
  out.begin_object().field("sequence", line.sequence).field("at", line.at);
  out.field("id", line.id).field("event", line.event);
  out.field("text", line.text);
  if (!row.empty())
    out.field("row", row);
  out.end_object();
}

void write_report(json_writer& out, const outbox_row& row) {
  out.begin_object().field("sequence", row.sequence);
  out.field("kind", row.kind == report_kind::result ? "result" : "deleted");
  out.field("id", row.id).field("bytes", std::uint64_t{row.body.size()});
  out.field("parked", row.parked).field("reason", row.reason).end_object();
}

void write_quarantined(json_writer& out, const quarantined& one) {
  out.begin_object().field("key", one.key).field("source", one.source);
  out.field("since", one.since);
  write_error(out, "reason", one.reason);
  out.field("bytes", std::uint64_t{one.received.text.size()}).end_object();
}

} // namespace provision
