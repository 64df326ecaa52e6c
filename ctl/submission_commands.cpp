// Reservations in a file: looked at, or handed to the node.
#include <iostream>
#include <ostream>
#include <sstream>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "messages/whole_file.hpp"

namespace provision::ctl {

namespace {

expected<std::string> contents_of(const std::string& file) {
  if (file == "-") {
    std::ostringstream text;
    text << std::cin.rdbuf();
    return text.str();
  }
  auto text = whole_file(file);
  return text ? text : fail(errc::malformed_input, text.error().message);
}

/// The node's answer to the file; nothing after `code` was set.
rapidjson::Document posted(const surroundings& here, const std::string& target,
                           const std::string& file, int& code) {
  code = all_well;
  const auto text = contents_of(file);
  if (!text) {
    code = complain(here, text.error());
    return {};
  }
  const auto reply = here.client.post(target, *text);
  if (!reply || reply->status != 200) {
    code = reply ? complain(here, *reply) : complain(here, reply.error());
    return {};
  }
  if (here.to.as_json)
    here.to.out << reply->body << std::flush;
  return parse(reply->body);
}

std::string free_text(const json_value& amounts) {
  return text_of(amounts, "cru") + " cru, " + size_text(amounts, "mru")
         + " mru, " + size_text(amounts, "hru") + " hru, "
         + size_text(amounts, "sru") + " sru";
}

void show_plan(const screen& to, const json_value& made) {
  std::vector<std::vector<std::string>> rows{
    {"PLACE", "ID", "TYPE", "OUTCOME", "BECAUSE"}};
  for (auto& one : member(made, "plan").GetArray())
    rows.push_back({std::to_string(rows.size()), text_of(one, "id"),
                    text_of(one, "type"), text_of(one, "outcome"),
                    text_of(member(one, "reason"), "message")});
  print_table(to, rows);
  to.out << "free now:   " << free_text(member(made, "free_before")) << '\n'
         << "free then:  " << free_text(member(made, "free_after")) << '\n';
}

} // namespace

int plan(const surroundings& here, const std::string& file) {
  int code = all_well;
  const auto made = posted(here, "/v1/plan", file, code);
  if (code != all_well)
    return code;
  if (!here.to.as_json)
    show_plan(here.to, made);
  return text_of(made, "refuses") == "yes" ? failed : all_well;
}

int submit(const surroundings& here, const std::string& file) {
  int code = all_well;
  const auto made = posted(here, "/v1/reservations", file, code);
  if (code != all_well || here.to.as_json)
    return code;
  for (auto& id : member(made, "submitted").GetArray())
    here.to.out << id.GetString() << '\n';
  return all_well;
}

} // namespace provision::ctl
