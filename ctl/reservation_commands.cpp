// Commands about single reservations and what happens to them.
#include <ostream>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"

namespace provision::ctl {

namespace {

using table = std::vector<std::vector<std::string>>;

std::string to_text(const json_value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  value.Accept(writer);
  return buffer.GetString();
}

std::vector<std::string> row_of(const json_value& one, bool is_wide) {
  std::vector<std::string> row{text_of(one, "id"), text_of(one, "type"),
                               text_of(one, "state"), text_of(one, "user"),
                               time_text(text_of(one, "accepted_at"))};
  if (!is_wide)
    return row;
  auto& takes = member(one, "takes");
  row.push_back(time_text(text_of(one, "expires")));
  row.push_back(text_of(takes, "cru"));
  for (auto* unit : {"mru", "hru", "sru"})
    row.push_back(size_text(takes, unit));
  row.push_back(text_of(one, "source"));
  row.push_back(text_of(member(one, "result"), "error"));
  return row;
}

std::string list_target(const list_choice& choice, const std::string& after,
                        std::uint64_t limit) {
  std::string target = "/v1/reservations?limit=" + std::to_string(limit);
  for (auto& [name, value] :
       {std::pair{"type", choice.type}, std::pair{"state", choice.state},
        std::pair{"user", choice.user}, std::pair{"prefix", choice.prefix},
        std::pair{"after", after}})
    if (!value.empty())
      target.append("&").append(name).append("=").append(escape(value));
  return target;
}

void print_page(const screen& to, const list_choice& choice,
                const json_value& rows, bool is_first) {
  if (to.as_json || choice.form == "name") {
    for (auto& one : rows.GetArray())
      to.out << (to.as_json ? to_text(one) : text_of(one, "id")) << '\n';
    return;
  }
  bool is_wide = choice.form == "wide";
  table shown;
  if (is_first) {
    shown.push_back({"ID", "TYPE", "STATE", "USER", "ACCEPTED"});
    if (is_wide)
      shown[0].insert(shown[0].end(), {"EXPIRES", "CRU", "MRU", "HRU", "SRU",
                                       "SOURCE", "ERROR"});
  }
  for (auto& one : rows.GetArray())
    shown.push_back(row_of(one, is_wide));
  print_table(to, shown, {10, 9, 11, 6, 19}, is_first);
}

void print_line(const screen& to, const json_value& line) {
  std::string event = text_of(line, "event");
  to.out << time_text(text_of(line, "at")) << "  "
         << painted(to, paint_of(event), event);
  auto id = text_of(line, "id");
  if (!id.empty())
    to.out << "  " << id;
  auto text = text_of(line, "text");
  if (!text.empty())
    to.out << "  " << text;
  to.out << '\n';
}

void print_record(const screen& to, const json_value& one) {
  table rows;
  auto add = [&rows](const char* name, std::string text) {
    if (!text.empty())
      rows.push_back({name, std::move(text)});
  };
  add("type", text_of(one, "type"));
  add("state", text_of(one, "state"));
  add("user", text_of(one, "user"));
  add("source", text_of(one, "source"));
  add("version", text_of(one, "version"));
  add("accepted", time_text(text_of(one, "accepted_at")));
  add("settled", time_text(text_of(one, "settled_at")));
  add("expires", time_text(text_of(one, "expires")));
  add("tries", text_of(one, "attempts"));
  auto& takes = member(one, "takes");
  add("takes", text_of(takes, "cru") + " cru, " + size_text(takes, "mru")
                 + " mru, " + size_text(takes, "hru") + " hru, "
                 + size_text(takes, "sru") + " sru");
  add("network", text_of(one, "network"));
  add("removal", text_of(one, "removal_cause"));
  add("reason", text_of(one, "removal_reason"));
  auto& result = member(one, "result");
  add("result", text_of(result, "state"));
  add("error", text_of(result, "error"));
  if (result.HasMember("data") && !result["data"].IsNull())
    add("data", to_text(result["data"]));
  print_table(to, rows, {}, false);
}

/// Calls `use` with each event of a stream; false ends it.
class event_splitter {
public:
  explicit event_splitter(std::function<void(std::string_view data)> use)
    : use_{std::move(use)} {}

  void add(std::string_view piece) {
    rest_ += piece;
    std::size_t begin = 0;
    for (std::size_t end = 0;
         (end = rest_.find('\n', begin)) != std::string::npos;
         begin = end + 1) {
      auto line = std::string_view{rest_}.substr(begin, end - begin);
      if (line.starts_with("data: "))
        use_(line.substr(6));
    }
    rest_.erase(0, begin);
  }

private:
  std::function<void(std::string_view data)> use_;
  std::string rest_ = {};
};

int follow_events(const surroundings& here, const events_choice& choice) {
  auto after = choice.after;
  std::string refusal;
  event_splitter events{[&](std::string_view data) {
    auto line = parse(data);
    after = number_of(line, "sequence");
    if (here.to.as_json)
      here.to.out << data << '\n';
    else
      print_line(here.to, line);
    here.to.out << std::flush;
  }};
  std::string target = "/v1/events?limit=1";
  std::string headers = "Accept: text/event-stream\r\n";
  if (after > 0)
    headers += "Last-Event-ID: " + std::to_string(after) + "\r\n";
  else
    target += "&last=" + std::to_string(choice.last);
  auto status
    = here.client.follow(target, headers, [&](std::string_view piece) {
        refusal = piece;
        events.add(piece);
        return static_cast<bool>(here.to.out);
      });
  if (!status)
    return complain(here, status.error());
  constexpr int ok = 200;
  if (*status != ok)
    return complain(here, api_reply{*status, refusal});
  here.err << "provisionctl: the daemon ended the stream; go on with "
              "--after "
           << after << '\n';
  return failed;
}

} // namespace

int list(const surroundings& here, const list_choice& choice) {
  constexpr std::uint64_t page_max = 1000;
  std::string after;
  std::uint64_t shown = 0;
  bool is_first = true;
  do {
    auto reply = here.client.get(list_target(choice, after, page_max));
    if (!reply)
      return complain(here, reply.error());
    if (reply->status != 200)
      return complain(here, *reply);
    auto answer = parse(reply->body);
    auto& rows = answer["reservations"];
    if (choice.limit > 0 && rows.Size() > choice.limit - shown)
      rows.Erase(rows.Begin() + (choice.limit - shown), rows.End());
    shown += rows.Size();
    // The heading also stands over an empty table.
    if (is_first || !rows.Empty())
      print_page(here.to, choice, rows, is_first);
    is_first = false;
    after = text_of(answer, "next");
  } while (!after.empty() && (choice.limit == 0 || shown < choice.limit)
           && here.to.out);
  return all_well;
}

int show(const surroundings& here, const std::string& id, bool with_document) {
  std::string target = "/v1/reservations/" + escape(id);
  if (with_document)
    target += "?document=true";
  return with_answer(here, target, [&](const json_value& answer) {
    auto& to = here.to;
    to.out << painted(to, paint::strong, text_of(answer, "id")) << '\n';
    if (!answer["record"].IsNull())
      print_record(to, answer["record"]);
    auto& grave = member(answer, "tombstone");
    if (grave.HasMember("gone_at"))
      to.out << "gone since " << time_text(text_of(grave, "gone_at"))
             << ", version " << text_of(grave, "version") << '\n';
    auto& aside = member(answer, "quarantine");
    if (aside.HasMember("reason"))
      to.out << "in the quarantine: "
             << text_of(member(aside, "reason"), "message") << '\n';
    to.out << '\n' << painted(to, paint::strong, "History") << '\n';
    for (auto& line : answer["history"].GetArray())
      print_line(to, line);
    if (!answer["reports"].Empty())
      to.out << '\n' << painted(to, paint::strong, "Owed reports") << '\n';
    for (auto& one : answer["reports"].GetArray())
      to.out << text_of(one, "kind")
             << (text_of(one, "parked") == "yes"
                   ? ", refused for good: " + text_of(one, "reason")
                   : ", waits for delivery")
             << '\n';
    if (answer.HasMember("document"))
      to.out << '\n' << to_text(answer["document"]) << '\n';
    return all_well;
  });
}

int explain(const surroundings& here, const std::string& id) {
  return with_answer(
    here, "/v1/reservations/" + escape(id) + "/explanation",
    [&](const json_value& told) {
      auto& to = here.to;
      to.out << painted(to, paint::strong, text_of(told, "id")) << ": "
             << text_of(told, "code") << '\n'
             << text_of(told, "summary") << '\n';
      if (!told["steps"].Empty())
        to.out << '\n' << painted(to, paint::strong, "What happened") << '\n';
      for (auto& step : told["steps"].GetArray())
        to.out << "  " << time_text(text_of(step, "at")) << "  "
               << text_of(step, "what") << '\n';
      if (!told["next"].Empty())
        to.out << '\n' << painted(to, paint::strong, "What comes") << '\n';
      for (auto& line : told["next"].GetArray())
        to.out << "  - " << line.GetString() << '\n';
      return all_well;
    });
}

int events(const surroundings& here, const events_choice& choice) {
  if (choice.is_followed)
    return follow_events(here, choice);
  std::string target = "/v1/events?limit=1000&";
  target += choice.after > 0 ? "after=" + std::to_string(choice.after)
                             : "last=" + std::to_string(choice.last);
  auto reply = here.client.get(target);
  if (!reply)
    return complain(here, reply.error());
  if (reply->status != 200)
    return complain(here, *reply);
  auto answer = parse(reply->body);
  for (auto& line : answer["events"].GetArray())
    if (here.to.as_json)
      here.to.out << to_text(line) << '\n';
    else
      print_line(here.to, line);
  return all_well;
}

int cancel(const surroundings& here, const std::string& id,
           const std::string& reason) {
  // The whole id, so that a beginning of one cannot take down another.
  auto found = here.client.get("/v1/reservations/" + escape(id));
  if (!found)
    return complain(here, found.error());
  if (found->status != 200)
    return complain(here, *found);
  auto whole = text_of(parse(found->body), "id");
  rapidjson::StringBuffer body;
  rapidjson::Writer<rapidjson::StringBuffer> writer{body};
  writer.StartObject();
  writer.Key("reason");
  writer.String(reason.data(), static_cast<rapidjson::SizeType>(reason.size()));
  writer.EndObject();
  auto reply = here.client.post("/v1/reservations/" + escape(whole) + "/cancel",
                                body.GetString());
  if (!reply)
    return complain(here, reply.error());
  if (reply->status != 200)
    return complain(here, *reply);
  if (here.to.as_json) {
    here.to.out << reply->body;
    return all_well;
  }
  // A removal that failed is tried again by the node; say how it stands.
  return explain(here, whole);
}

} // namespace provision::ctl
