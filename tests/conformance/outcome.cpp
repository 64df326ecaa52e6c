#include "tests/conformance/outcome.hpp"

#include "messages/json/json.hpp"

namespace provision::conformance {

namespace {

std::string created_of(const std::string& recorded) {
  if (recorded == "<NOW>")
    return "now";
  auto when = json::parse_rfc3339(recorded);
  return when ? created_text(*when) : recorded;
}

report recorded_report(const value& event) {
  report one;
  one.kind = text(event, "event");
  one.id = text(event, "id");
  one.delivered = text(event, "returns").empty();
  if (one.kind == "deleted")
    return one;
  one.category = category_of(text(event, "type"));
  one.state = event["state"];
  one.message = text(event, "message");
  one.data = text(event, "data_text");
  one.signature = text(event, "signature");
  one.created = created_of(text(event, "created"));
  return one;
}

/// A body with its `<NOW>` made readable.
std::string playable(std::string body) {
  constexpr std::string_view mark = "\"<NOW>\"";
  if (auto at = body.find(mark); at != std::string::npos)
    body.replace(at, mark.size(), std::to_string(scenario_time));
  return body;
}

void note_request(outcome& out, const value& event, script& answers) {
  auto method = text(event, "method");
  auto path = text(event, "path");
  auto query = text(event, "query");
  auto* rule = answers.decide(
    "http",
    {{"method", method}, {"path", path + (query.empty() ? "" : "?" + query)}});
  int status = rule ? rule->value("status", 0) : 0;
  if (method == "GET" && query.starts_with("from=")) {
    if (rule)
      out.polls.push_back(std::stoull(query.substr(5)));
  } else if (method == "PUT") {
    auto one = to_report(playable(text(event, "body_text")));
    one.delivered = status == 0 || status == 201;
    out.note(std::move(one));
  } else if (method == "DELETE") {
    out.note({.kind = "deleted",
              .id = last_part(path),
              .delivered = status == 0 || status == 200});
  } else if (method == "POST" && (status == 0 || status == 200)) {
    auto& body = event["body"];
    out.told = to_numbers(body, body);
    out.was_told = true;
  }
}

void note_statistics(outcome& out, const value& event) {
  if (!text(event, "returns").empty())
    return;
  out.told = to_numbers(event["resources"], event["workloads"]);
  out.was_told = true;
}

void note_cache(outcome& out, const value& cache) {
  for (auto& file : cache) {
    if (!file.contains("record") || file["record"].is_null())
      continue;
    auto& known = file["record"]["result"];
    auto created = created_of(text(known, "created"));
    bool is_nil = known["data_json"].is_null()
                  && (created == "0" || created.starts_with("-"));
    auto state = known["state"].get<int>();
    out.records[text(file, "file")] = {is_nil       ? "none"
                                       : state == 0 ? "error"
                                                    : "ok",
                                       is_nil ? "" : created};
  }
}

} // namespace

void outcome::call(const std::string& what, const std::string& id) {
  auto line = what + ' ' + id;
  if (what == "decommission" && !calls.empty() && calls.back() == line)
    return;
  calls.push_back(std::move(line));
}

void outcome::note(report one) {
  auto& all = reports[one.id];
  if (!all.empty() && !all.back().delivered) {
    auto before = all.back();
    before.delivered = one.delivered;
    if (before == one) {
      all.back() = std::move(one);
      return;
    }
  }
  all.push_back(std::move(one));
}

numbers to_numbers(const resource_amount& units,
                   const workload_amount& counts) {
  auto body = value::parse(json::write(units, counts));
  return to_numbers(body, body);
}

numbers to_numbers(const value& resources, const value& workloads) {
  numbers result;
  auto add = [&](const value& from, const char* key) {
    auto amount = from[key].get<double>();
    if (amount != 0)
      result[key] = amount;
  };
  for (auto* key : {"cru", "mru", "hru", "sru"})
    add(resources, key);
  for (auto* key :
       {"network", "network_resource", "volume", "zdb_namespace", "container",
        "k8s_vm", "proxy", "reverse_proxy", "subdomain", "delegate_domain"})
    add(workloads, key);
  return result;
}

std::string created_text(timestamp when) {
  auto seconds = when.seconds;
  return seconds >= scenario_time ? "now" : std::to_string(seconds);
}

report to_report(const std::string& body) {
  auto read = json::read_workload_result(body);
  if (!read)
    throw std::runtime_error{"result: " + read.error().message};
  return {.kind = "result",
          .id = read->workload_id,
          .category = read->category,
          .state = static_cast<int>(read->state),
          .message = read->message,
          .data = read->data_json.empty() ? "null" : read->data_json,
          .signature = read->signature,
          .created = created_text(read->epoch)};
}

outcome recorded_outcome(const trace& recording) {
  outcome out;
  script answers(recording.script);
  std::map<int, int> statistics;
  for (auto& event : recording.output["events"]) {
    auto kind = event["event"].get<std::string>();
    if (kind == "provision" || kind == "decommission")
      out.call(kind, text(event, "id"));
    if (kind == "decommission")
      --statistics[event["step"]];
    if (kind == "result" || kind == "deleted")
      out.note(recorded_report(event));
    if (kind == "update_stats") {
      note_statistics(out, event);
      ++statistics[event["step"]];
    }
    if (kind == "http")
      note_request(out, event, answers);
    if (kind == "poll")
      out.polls.push_back(event["from"]);
    if (kind == "decommission_cached_returns")
      out.answers.push_back(text(event, "id") + text(event, "error"));
    if (kind == "counters_value")
      out.counter_values.push_back(event["value"].dump());
  }
  for (std::size_t i = 0; i < recording.input.size(); ++i)
    if (recording.input[i]["op"] == "wait")
      out.idle_statistics += std::max(0, statistics[static_cast<int>(i)]);
  if (recording.output.contains("cache"))
    note_cache(out, recording.output["cache"]);
  if (recording.output.contains("counters")) {
    auto& counted = recording.output["counters"];
    out.counted = to_numbers(counted["resources"], counted["workloads"]);
  }
  return out;
}

std::string to_string(const report& one) {
  return one.kind + " c" + std::to_string(one.category) + " s"
         + std::to_string(one.state) + " \"" + one.message + "\" " + one.data
         + ' ' + one.signature.substr(0, 8) + ' ' + one.created
         + (one.delivered ? "" : " (not accepted)");
}

std::string to_string(const numbers& all) {
  std::string result;
  for (auto& [key, amount] : all)
    (result += key) += '=' + std::to_string(amount) + ' ';
  return result.empty() ? "nothing" : result;
}

} // namespace provision::conformance
