// What the host holds that no reservation wants.
#include <ostream>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "messages/json/json.hpp"

namespace provision::ctl {

namespace {

std::string verdict(const json_value& one, bool removes) {
  if (const auto user = text_of(one, "used_by"); !user.empty())
    return "stays: " + user + " uses it";
  if (const auto why = text_of(member(one, "last_failure"), "message");
      !why.empty()) {
    const auto next = text_of(one, "next_try");
    return "could not be removed: " + why
           + (next.empty() ? "" : "; tried again after " + time_text(next));
  }
  if (text_of(one, "may_go") != "yes")
    return "stays until an operator removes it";
  return removes ? "goes after the time of quarantine"
                 : "would go if janitor.remove were on";
}

} // namespace

int orphans(const surroundings& here) {
  return with_answer(here, "/v1/orphans", [&](const json_value& answer) {
    const bool removes = text_of(answer, "removes") == "yes";
    std::vector<std::vector<std::string>> rows{
      {"ORPHAN", "WHAT", "RESERVATION", "SEEN SINCE", "AND"}};
    for (const auto& one : member(answer, "orphans").GetArray())
      rows.push_back(
        {text_of(one, "key"), text_of(one, "what"), text_of(one, "reservation"),
         time_text(text_of(one, "seen_since")), verdict(one, removes)});
    print_table(here.to, rows);
    if (const auto why = text_of(answer, "obstacle"); !why.empty())
      here.to.out << "not compared, or not all: " << why << '\n';
    return all_well;
  });
}

int orphan_remove(const surroundings& here, const std::string& key,
                  const std::string& reason) {
  const auto reply
    = here.client.post("/v1/orphans/" + escape(key) + "/remove",
                       "{\"reason\":" + json::quote(reason) + "}");
  if (!reply || reply->status != 200)
    return reply ? complain(here, *reply) : complain(here, reply.error());
  if (here.to.as_json)
    here.to.out << reply->body;
  else
    here.to.out << key << ": removed\n";
  return all_well;
}

} // namespace provision::ctl
