// The journal as a whole: listed, exported, verified.
#include <filesystem>
#include <fstream>
#include <ostream>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "ctl/command_line.hpp"
#include "ctl/commands.hpp"
#include "ctl/journal_file.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "persistence/journal_examination.hpp"

namespace provision::ctl {

namespace {

std::string to_text(const json_value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
  value.Accept(writer);
  return buffer.GetString();
}

using page_func = std::function<void(const rapidjson::Document&)>;

/// Hands over the daemon's journal in pages, from behind `after` up to what was
/// the newest line at first; the exit code.
int for_each_page(const surroundings& here, std::uint64_t after,
                  const page_func& use) {
  std::uint64_t last = 0;
  for (bool is_first = true;; is_first = false) {
    auto reply = here.client.get("/v1/journal?limit=1000&after="
                                 + std::to_string(after));
    if (!reply)
      return complain(here, reply.error());
    if (reply->status != 200)
      return complain(here, *reply);
    auto page = parse(reply->body);
    if (is_first)
      last = number_of(member(page, "seal"), "last");
    auto& lines = page["lines"];
    while (!lines.Empty()
           && number_of(lines[lines.Size() - 1], "sequence") > last)
      lines.PopBack();
    use(page);
    after = number_of(page, "next");
    if (lines.Empty() || after >= last)
      return all_well;
  }
}

void add_problems(journal_verdict& to, std::vector<journal_problem> more) {
  to.problems.insert(to.problems.end(), more.begin(), more.end());
}

expected<examined_journal>
examine_file(const std::string& file, const std::optional<known_line>& known) {
  std::ifstream lines{file};
  std::string line;
  if (!lines)
    return fail(cannot_read(file));
  if (!std::getline(lines, line))
    return fail(errc::malformed_input, file + ": is empty, or no file");
  auto heading = read_heading(line);
  if (!heading)
    return fail(heading.error().code, file + ": " + heading.error().message);
  journal_check check{heading->seal, heading->node_id, known};
  std::vector<journal_problem> more;
  while (std::getline(lines, line))
    take_line(check, parse(line),
              [&more](journal_problem one) { more.push_back(std::move(one)); });
  examined_journal made{heading->node_id, heading->seal, check.finish()};
  add_problems(made.verdict, std::move(more));
  return made;
}

/// Nothing after `code` was set to an exit code.
std::optional<examined_journal>
examine_daemon(const surroundings& here, const std::optional<known_line>& known,
               int& code) {
  examined_journal made;
  std::optional<journal_check> check;
  std::vector<journal_problem> more;
  code = for_each_page(here, 0, [&](const rapidjson::Document& page) {
    if (!check) {
      made.node_id = text_of(page, "node_id");
      made.seal = seal_of(page);
      check.emplace(made.seal, made.node_id, known);
    }
    for (auto& line : page["lines"].GetArray())
      take_line(*check, line, [&more](journal_problem one) {
        more.push_back(std::move(one));
      });
  });
  if (code != all_well)
    return std::nullopt;
  made.verdict = check->finish();
  add_problems(made.verdict, std::move(more));
  return made;
}

void show_as_json(std::ostream& out, const examined_journal& made) {
  auto& verdict = made.verdict;
  out << "{\"sound\":" << (verdict.sound() ? "true" : "false")
      << ",\"node_id\":" << json::quote(made.node_id)
      << ",\"lines\":" << verdict.lines
      << ",\"unchained\":" << verdict.unchained
      << ",\"last\":" << (made.seal ? made.seal->last : 0) << ",\"last_hash\":"
      << json::quote(made.seal ? hex::encode(made.seal->last_hash) : "")
      << ",\"problems\":[";
  const char* comma = "";
  for (auto& one : verdict.problems) {
    out << comma << "{\"line\":" << one.line
        << ",\"what\":" << json::quote(one.what) << '}';
    comma = ",";
  }
  out << "]}\n";
}

void show_as_text(const screen& to, const examined_journal& made) {
  auto& verdict = made.verdict;
  for (auto& one : verdict.problems)
    to.out << painted(to, paint::bad, "damaged") << "  "
           << (one.line > 0 ? "line " + std::to_string(one.line) + ": " : "")
           << one.what << '\n';
  to.out << verdict.lines << " lines of node " << made.node_id << ", "
         << verdict.problems.size() << " problems\n";
  if (verdict.unchained > 0)
    to.out << verdict.unchained << " older lines carry no hashes\n";
  if (made.seal && made.seal->last > 0)
    to.out << "newest line " << made.seal->last << ':'
           << hex::encode(made.seal->last_hash) << '\n';
}

int show(const surroundings& here, const examined_journal& made) {
  if (here.to.as_json)
    show_as_json(here.to.out, made);
  else
    show_as_text(here.to, made);
  return made.verdict.sound() ? all_well : failed;
}

} // namespace

int journal_list(const surroundings& here, const journal_choice& choice) {
  auto after = choice.after;
  if (after == 0) {
    auto code
      = with_answer({here.client, {here.to.out}, here.err},
                    "/v1/journal?limit=1", [&](const json_value& page) {
                      auto last = number_of(member(page, "seal"), "last");
                      after = last > choice.last ? last - choice.last : 0;
                      return all_well;
                    });
    if (code != all_well)
      return code;
  }
  std::vector<std::vector<std::string>> rows;
  auto code = for_each_page(here, after, [&](const rapidjson::Document& page) {
    for (auto& line : page["lines"].GetArray()) {
      if (here.to.as_json)
        here.to.out << to_text(line) << '\n';
      rows.push_back({text_of(line, "sequence"), time_text(text_of(line, "at")),
                      text_of(line, "event"), text_of(line, "id"),
                      text_of(line, "text")});
    }
  });
  if (code != all_well || here.to.as_json)
    return code;
  rows.insert(rows.begin(), {"NUMBER", "TIME", "EVENT", "ID", "TEXT"});
  print_table(here.to, rows);
  return all_well;
}

int journal_export(const surroundings& here, const std::string& file) {
  std::ofstream written;
  if (!file.empty())
    written.open(file);
  std::ostream& out = file.empty() ? here.to.out : written;
  bool is_first = true;
  auto code = for_each_page(here, 0, [&](const rapidjson::Document& page) {
    if (is_first)
      out << heading_text(text_of(page, "node_id"), page["seal"]) << '\n';
    is_first = false;
    for (auto& line : page["lines"].GetArray())
      out << to_text(line) << '\n';
  });
  out.flush();
  if (code == all_well && !out)
    return complain(here,
                    error{errc::storage_failure, file + ": cannot be written"});
  return code;
}

int journal_verify(const surroundings& here, const std::string& path,
                   const std::string& known_text) {
  std::optional<known_line> known;
  if (!known_text.empty()) {
    auto read = read_known_line(known_text);
    if (!read) {
      complain(here, read.error());
      return wrong_usage;
    }
    known = std::move(*read);
  }
  if (path.empty()) {
    int code = all_well;
    auto made = examine_daemon(here, known, code);
    return made ? show(here, *made) : code;
  }
  auto made = std::filesystem::is_directory(path) ? examine_journal(path, known)
                                                  : examine_file(path, known);
  return made ? show(here, *made) : complain(here, made.error());
}

} // namespace provision::ctl
