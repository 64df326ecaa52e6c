#include "backends/host/zdb_admin.hpp"

#include <charconv>
#include <utility>

namespace provision {

namespace {

using kind = resp_answer::kind;

/// What the server takes for "no password any more".
constexpr std::string_view no_password = "*";

bool says(const resp_answer& answer, std::string_view part) {
  return answer.is == kind::refusal
         && answer.text.find(part) != std::string::npos;
}

error refused(std::string_view what, const resp_answer& answer) {
  return {errc::backend_failure,
          "the 0-db server refuses " + std::string{what} + ": " + answer.text};
}

/// The value behind "<key>: " in lines of text; empty if there is none.
std::string_view value_of(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text = end == std::string_view::npos ? "" : text.substr(end + 1);
    if (!line.starts_with(key) || !line.substr(key.size()).starts_with(": "))
      continue;
    line.remove_prefix(key.size() + 2);
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }
  return {};
}

bool read_number(std::string_view text, std::uint64_t& out) {
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return !text.empty() && read.ec == std::errc{} && read.ptr == end;
}

bool read_flag(std::string_view text, bool& out) {
  out = text == "yes";
  return out || text == "no";
}

} // namespace

expected<zdb_admin> zdb_admin::connect(const std::string& socket_path,
                                       const secret& admin,
                                       std::chrono::milliseconds patience) {
  auto client = resp_client::connect(socket_path, {.patience = patience});
  if (!client)
    return fail(client.error());
  const auto answers
    = client->ask({resp_command{"AUTH", admin.reveal()}, {"PING"}});
  if (!answers)
    return fail(answers.error());
  for (const auto& one : *answers)
    if (one.is == kind::refusal)
      return fail(errc::already_exists, "another 0-db server answers at "
                                          + socket_path + ": " + one.text);
  return zdb_admin{std::move(*client)};
}

expected<std::optional<zdb_namespace>> zdb_admin::find(std::string_view name) {
  const auto answer = client_.ask(resp_command{"NSINFO", name});
  if (!answer)
    return fail(answer.error());
  if (says(*answer, "not found"))
    return std::optional<zdb_namespace>{};
  if (answer->is != kind::text)
    return fail(refused("to tell of a namespace", *answer));
  zdb_namespace found;
  const auto& text = answer->text;
  if (!read_number(value_of(text, "data_limits_bytes"), found.size_bytes)
      || !read_number(value_of(text, "data_size_bytes"), found.used_bytes)
      || !read_flag(value_of(text, "public"), found.is_public)
      || !read_flag(value_of(text, "password"), found.has_password))
    return fail(errc::backend_failure,
                "what the 0-db server tells of namespace " + std::string{name}
                  + " is not understood");
  return std::optional{found};
}

expected<std::vector<std::string>> zdb_admin::names() {
  auto answer = client_.ask(resp_command{"NSLIST"});
  if (!answer)
    return fail(answer.error());
  if (answer->is != kind::list)
    return fail(refused("to list its namespaces", *answer));
  std::vector<std::string> names;
  for (auto& one : answer->items)
    names.push_back(std::move(one.text));
  return names;
}

error zdb_admin::create(const zdb_order& order) {
  std::vector<resp_command> commands{{"NSNEW", order.id}};
  const auto size = std::to_string(order.size_bytes);
  commands.push_back({"NSSET", order.id, "maxsize", size});
  if (!order.password.empty())
    commands.push_back(
      {"NSSET", order.id, "password", order.password.reveal()});
  commands.push_back(
    {"NSSET", order.id, "public", order.is_public ? "1" : "0"});
  return carry_out(commands);
}

error zdb_admin::settle(const zdb_order& order, const zdb_namespace& now) {
  std::vector<resp_command> commands;
  const auto size = std::to_string(order.size_bytes);
  // What shuts others out comes first.
  if (!order.password.empty())
    commands.push_back(
      {"NSSET", order.id, "password", order.password.reveal()});
  else if (now.has_password)
    commands.push_back({"NSSET", order.id, "password", no_password});
  if (now.is_public != order.is_public)
    commands.push_back(
      {"NSSET", order.id, "public", order.is_public ? "1" : "0"});
  if (now.size_bytes != order.size_bytes)
    commands.push_back({"NSSET", order.id, "maxsize", size});
  return commands.empty() ? error{} : carry_out(commands);
}

error zdb_admin::remove(std::string_view name) {
  const auto answer = client_.ask(resp_command{"NSDEL", name});
  if (!answer)
    return answer.error();
  if (says(*answer, "doesn't exist") || answer->is != kind::refusal)
    return {};
  return refused("to remove namespace " + std::string{name}, *answer);
}

error zdb_admin::carry_out(const std::vector<resp_command>& commands) {
  const auto answers = client_.ask(commands);
  if (!answers)
    return answers.error();
  for (std::size_t i = 0; i < commands.size(); ++i)
    if ((*answers)[i].is == kind::refusal) {
      // Its name and the property, never the value.
      std::string what{commands[i][0]};
      for (std::size_t word = 1; word < commands[i].size() && word < 3; ++word)
        what += ' ' + std::string{commands[i][word]};
      return refused(what, (*answers)[i]);
    }
  return {};
}

} // namespace provision
