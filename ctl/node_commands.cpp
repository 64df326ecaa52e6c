// Commands about the node as a whole.
#include <cerrno>
#include <cstring>
#include <ostream>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"

namespace provision::ctl {

namespace {

void line(const screen& to, std::string_view name, const std::string& text) {
  std::string label{name};
  label.resize(12, ' ');
  to.out << "  " << painted(to, paint::weak, label) << text << '\n';
}

/// "Error text (code)".
std::string failure_text(const json_value& failure) {
  return text_of(failure, "message") + " (" + text_of(failure, "code") + ")";
}

std::string work_text(const json_value& engine) {
  auto& now = member(engine, "in_flight");
  std::string text = text_of(engine, "phase");
  auto id = text_of(now, "id");
  if (!id.empty())
    text += ", at work: " + id + " since " + time_text(text_of(now, "since"));
  text += ", " + text_of(engine, "queue") + " in the queue";
  if (number_of(engine, "waiting") > 0)
    text += ", " + text_of(engine, "waiting") + " wait";
  return text;
}

std::string reports_text(const json_value& reports) {
  auto text = text_of(reports, "owed") + " owed, "
              + text_of(reports, "delivered") + " delivered, "
              + text_of(reports, "parked") + " parked";
  auto away = text_of(reports, "away_since");
  if (!away.empty())
    text += "; the explorer is away since " + time_text(away);
  return text;
}

std::string workloads_text(const json_value& workloads) {
  std::string text;
  for (auto& one : workloads.GetObject())
    text += (text.empty() ? "" : ", ") + std::string{one.name.GetString()} + " "
            + text_of(workloads, one.name.GetString());
  return text.empty() ? "none" : text;
}

} // namespace

error cannot_read(const std::string& file) {
  return {errc::malformed_input,
          file + ": cannot be read: " + std::strerror(errno)};
}

int complain(const surroundings& here, const error& why) {
  here.err << "provisionctl: " << why.message << '\n';
  constexpr int permission_denied = 13;
  if (why.detail == permission_denied)
    return forbidden;
  return why.code == errc::explorer_unreachable
             || why.code == errc::deadline_exceeded
           ? unreachable
           : failed;
}

int complain(const surroundings& here, const api_reply& reply) {
  auto answer = parse(reply.body);
  auto message = text_of(member(answer, "error"), "message");
  if (message.empty())
    message = "the daemon answered with status " + std::to_string(reply.status);
  if (here.to.as_json)
    here.to.out << reply.body;
  here.err << "provisionctl: " << message << '\n';
  constexpr int status_forbidden = 403;
  constexpr int status_not_found = 404;
  auto code = text_of(member(answer, "error"), "code");
  if (reply.status == status_forbidden)
    return forbidden;
  return reply.status == status_not_found || code == "ambiguous" ? not_found
                                                                 : failed;
}

int status(const surroundings& here) {
  return with_answer(here, "/v1/status", [&](const json_value& node) {
    auto& to = here.to;
    auto health = text_of(node, "health");
    to.out << painted(to, paint_of(health), "\u25cf") << " node "
           << painted(to, paint::strong, text_of(node, "node_id")) << "  "
           << painted(to, paint_of(health), health) << '\n';
    auto& engine = member(node, "engine");
    auto explorer = text_of(node, "explorer");
    line(to, "version",
         text_of(node, "version") + ", since "
           + time_text(text_of(node, "started_at")));
    line(to, "explorer", explorer.empty() ? "none" : explorer);
    line(to, "engine", work_text(engine));
    line(to, "workloads", workloads_text(member(node, "workloads")));
    line(to, "done",
         text_of(engine, "provisioned") + " provisioned, "
           + text_of(engine, "failed") + " failed, "
           + text_of(engine, "rejected") + " rejected, "
           + text_of(engine, "removed") + " removed");
    line(to, "reports", reports_text(member(node, "reports")));
    auto& last = member(member(node, "reports"), "last_failure");
    if (last.MemberCount() > 0)
      line(to, "last error", failure_text(last));
    line(to, "quarantine", text_of(member(node, "store"), "quarantined"));
    auto& problems = member(node, "problems");
    for (auto& one : problems.GetArray())
      to.out << painted(to, paint::bad, "  ! ") << failure_text(one) << '\n';
    return all_well;
  });
}

int ready(const surroundings& here) {
  auto reply = here.client.get("/readyz?verbose");
  if (!reply)
    return complain(here, reply.error());
  constexpr int ok = 200;
  constexpr int unavailable = 503;
  if (reply->status != ok && reply->status != unavailable)
    return complain(here, *reply);
  bool is_ready = reply->status == ok;
  if (here.to.as_json)
    here.to.out << "{\"ready\":" << (is_ready ? "true" : "false") << "}\n";
  else
    here.to.out << reply->body;
  return is_ready ? all_well : not_ready;
}

int types(const surroundings& here) {
  return with_answer(here, "/v1/types", [&](const json_value& answer) {
    std::vector<std::vector<std::string>> rows{
      {"TYPE", "OFFERED", "WORKLOADS", "WAITING", "HEALTH", "BECAUSE"}};
    for (auto& one : member(answer, "types").GetArray()) {
      auto health = text_of(one, "health");
      if (text_of(one, "cordoned") == "yes")
        health += ", cordoned";
      auto& reason = member(one, "reason");
      rows.push_back(
        {text_of(one, "type"), text_of(one, "offered"),
         text_of(one, "workloads"), text_of(one, "waiting"), health,
         reason.MemberCount() > 0 ? failure_text(reason) : std::string{}});
    }
    print_table(here.to, rows);
    return all_well;
  });
}

int waiting(const surroundings& here) {
  return with_answer(here, "/v1/waiting", [&](const json_value& answer) {
    std::vector<std::vector<std::string>> rows{
      {"ID", "TYPE", "TO BE", "SINCE", "FOR", "BECAUSE"}};
    auto& all = member(answer, "waiting");
    for (auto& one : all.GetArray())
      rows.push_back({text_of(one, "id"), text_of(one, "type"),
                      text_of(one, "removing") == "yes" ? "removed" : "made",
                      time_text(text_of(one, "since")), text_of(one, "cause"),
                      text_of(one, "reason")});
    print_table(here.to, rows);
    if (number_of(answer, "count") > all.Size())
      here.to.out << "and more: " << all.Size() << " of "
                  << text_of(answer, "count") << " are shown\n";
    return all_well;
  });
}

namespace {

/// Processors are counted, the other units are bytes.
std::string amount_text(const json_value& of, const char* unit) {
  const bool is_count = std::string_view{unit} == "cru";
  return is_count && of[unit].IsUint64() ? text_of(of, unit)
                                         : size_text(of, unit);
}

} // namespace

int capacity(const surroundings& here) {
  return with_answer(here, "/v1/capacity", [&](const json_value& answer) {
    auto& total = member(answer, "capacity");
    auto& used = member(answer, "used");
    std::vector<std::vector<std::string>> rows{
      {"UNIT", "CAPACITY", "USED", "FREE"}};
    for (auto* unit : {"cru", "mru", "hru", "sru"}) {
      auto show
        = [unit](const json_value& of) { return amount_text(of, unit); };
      json_value free{rapidjson::kObjectType};
      rapidjson::Document::AllocatorType pool;
      json_value left;
      if (total[unit].IsUint64()) {
        auto have = total[unit].GetUint64();
        auto taken = used[unit].GetUint64();
        left.SetUint64(have > taken ? have - taken : 0);
      }
      free.AddMember(rapidjson::StringRef(unit), left, pool);
      rows.push_back({unit, show(total), show(used), show(free)});
    }
    print_table(here.to, rows);
    here.to.out << "workloads: " << workloads_text(member(answer, "workloads"))
                << '\n';
    return all_well;
  });
}

namespace {

/// Empty for what the host does not tell.
std::string figure(const json_value& one, const char* name) {
  return one[name].IsUint64() ? size_text(one, name) : std::string{};
}

} // namespace

int usage(const surroundings& here, const std::string& id) {
  auto target
    = "/v1/usage?limit=1000" + (id.empty() ? "" : "&prefix=" + escape(id));
  return with_answer(here, target, [&](const json_value& answer) {
    std::vector<std::vector<std::string>> rows{
      {"ID", "TYPE", "MEMORY", "CPU", "DISK", "OF", "RECEIVED", "SENT", ""}};
    auto& all = member(answer, "usage");
    for (auto& one : all.GetArray()) {
      auto& cpu = one["cpu_us"];
      rows.push_back(
        {text_of(one, "id"), text_of(one, "type"), figure(one, "memory_bytes"),
         cpu.IsUint64() ? std::to_string(cpu.GetUint64() / 1000) + " ms" : "",
         figure(one, "disk_bytes"), figure(one, "disk_bytes_max"),
         figure(one, "received_bytes"), figure(one, "sent_bytes"),
         one["failed"].IsString() ? text_of(one, "failed") : std::string{}});
    }
    print_table(here.to, rows);
    if (!text_of(answer, "next").empty())
      here.to.out << "and more: give the beginning of an id\n";
    return !id.empty() && all.Empty() ? not_found : all_well;
  });
}

int audit(const surroundings& here) {
  auto reply = here.client.get("/v1/capacity/audit");
  if (!reply)
    return complain(here, reply.error());
  if (reply->status != 200)
    return complain(here, *reply);
  auto answer = parse(reply->body);
  bool is_comparable = text_of(answer, "comparable") == "yes";
  bool drifts = text_of(answer, "drift") == "yes";
  if (here.to.as_json) {
    here.to.out << reply->body;
  } else {
    std::vector<std::vector<std::string>> rows{{"UNIT", "RECORDS", "COUNTED"}};
    for (auto* unit : {"cru", "mru", "hru", "sru"})
      rows.push_back({unit, amount_text(member(answer, "sum"), unit),
                      amount_text(member(answer, "counted"), unit)});
    print_table(here.to, rows);
    here.to.out << text_of(answer, "live") << " of "
                << text_of(answer, "records") << " records hold capacity; "
                << (!is_comparable ? "the numbers move too fast to compare, "
                                     "try again"
                    : drifts       ? "the counters DRIFT: restart the daemon, "
                                     "which counts anew, and report this"
                                   : "no drift")
                << '\n';
    auto& host = member(answer, "host");
    here.to.out << "the host tells of " << text_of(host, "measured")
                << " workloads: " << size_text(host, "memory_bytes")
                << " of memory, " << size_text(host, "disk_bytes")
                << " of disk\n";
    for (auto& one : host["missing"].GetArray())
      here.to.out << one.GetString() << " could not be measured\n";
    for (auto& one : host["beyond"].GetArray())
      here.to.out << one.GetString() << " uses more than it reserved\n";
  }
  return is_comparable && !drifts ? all_well : failed;
}

int outbox(const surroundings& here, bool parked) {
  std::string target = "/v1/outbox?limit=1000";
  if (parked)
    target += "&parked=true";
  return with_answer(here, target, [&](const json_value& answer) {
    std::vector<std::vector<std::string>> rows{
      {"NUMBER", "REPORT", "ID", "BYTES", "REFUSED BECAUSE"}};
    for (auto& one : member(answer, "reports").GetArray())
      rows.push_back({text_of(one, "sequence"), text_of(one, "kind"),
                      text_of(one, "id"), text_of(one, "bytes"),
                      text_of(one, "reason")});
    print_table(here.to, rows);
    if (!text_of(answer, "next").empty())
      here.to.out << "and more: the first thousand are shown\n";
    return all_well;
  });
}

int quarantine_list(const surroundings& here) {
  return with_answer(
    here, "/v1/quarantine?limit=1000", [&](const json_value& answer) {
      std::vector<std::vector<std::string>> rows{
        {"KEY", "SINCE", "SOURCE", "BYTES", "BECAUSE"}};
      for (auto& one : member(answer, "quarantine").GetArray())
        rows.push_back({text_of(one, "key"), time_text(text_of(one, "since")),
                        text_of(one, "source"), text_of(one, "bytes"),
                        failure_text(member(one, "reason"))});
      print_table(here.to, rows);
      if (!text_of(answer, "next").empty())
        here.to.out << "and more: the first thousand are shown\n";
      return all_well;
    });
}

int quarantine_show(const surroundings& here, const std::string& key) {
  return with_answer(
    here, "/v1/quarantine/" + escape(key), [&](const json_value& answer) {
      auto& entry = member(answer, "entry");
      auto& to = here.to;
      to.out << text_of(entry, "key") << '\n';
      line(to, "since", time_text(text_of(entry, "since")));
      line(to, "source", text_of(entry, "source"));
      line(to, "because", failure_text(member(entry, "reason")));
      to.out << text_of(answer, "input") << '\n';
      return all_well;
    });
}

} // namespace provision::ctl
