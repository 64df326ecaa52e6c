#include "bench/replay/recording.hpp"

#include <algorithm>
#include <fstream>

#include <nlohmann/json.hpp>

#include "actors/reservation_cache.hpp"
#include "actors/sources/replay_source.hpp"
#include "messages/hex.hpp"
#include "messages/json/json.hpp"

namespace provision::bench {

namespace {

config::signature_policy policy_of(const std::string& name) {
  if (name == "enforce")
    return config::signature_policy::enforce;
  return name == "warn" ? config::signature_policy::warn
                        : config::signature_policy::off;
}

/// Takes the lines of a recording in, one by one.
class recording_reader {
public:
  /// errc::malformed_input without the line's number.
  error take(std::string line) {
    if (!is_recording_mark(line))
      return take_document(std::move(line));
    auto mark = nlohmann::json::parse(line, nullptr, false);
    if (mark.is_discarded())
      return {errc::malformed_input, "no JSON"};
    try {
      return take_mark(mark);
    } catch (const nlohmann::json::exception& wrong) {
      return {errc::malformed_input, wrong.what()};
    }
  }

  recording made = {};

private:
  error take_document(std::string line) {
    if (made.pages.empty())
      return {errc::malformed_input, "a document outside of a page"};
    auto form = guess_form(line);
    auto text = own_text(std::move(line), form);
    if (auto what = decode_reservation(text); what && what->to_delete)
      made.deletions.insert(what->id);
    made.pages.back().what.documents.push_back(std::move(text));
    return {};
  }

  error take_mark(const nlohmann::json& mark) {
    auto kind = mark.at("recorded").get<std::string>();
    if (kind == "start")
      take_start(mark);
    else if (kind == "page")
      return take_page(mark);
    else if (kind == "user")
      made.users[mark.at("id")]
        = hex::decode(mark.at("pubkey").get<std::string>()).value_or("");
    else if (kind == "provisioned")
      take_answer(made.provisioned, mark, true);
    else if (kind == "decommissioned")
      take_answer(made.decommissioned, mark, false);
    else if (kind == "result")
      tell(made.reports, mark.at("id"),
           words_for_result(mark.at("body").dump()));
    else if (kind == "deleted")
      tell(made.reports, mark.at("id"), "deleted");
    else
      return {errc::malformed_input, "unknown mark \"" + kind + "\""};
    return {};
  }

  void take_start(const nlohmann::json& mark) {
    made.node_id = mark.at("node");
    for (auto& type : mark.at("types"))
      made.types.insert(type.get<std::string>());
    auto& most = mark.at("capacity");
    made.capacity
      = {most.at("cru"), most.at("mru"), most.at("hru"), most.at("sru")};
  }

  error take_page(const nlohmann::json& mark) {
    auto at = json::parse_rfc3339(mark.at("at").get<std::string>());
    if (!at)
      return at.error();
    source_page page;
    page.source = mark.at("source");
    page.signatures = policy_of(mark.at("signatures"));
    made.pages.push_back({*at, std::move(page)});
    return {};
  }

  void take_answer(std::map<std::string, std::deque<recorded_answer>>& all,
                   const nlohmann::json& mark, bool is_ordered) {
    std::string id = mark.at("id");
    auto& answers = all[id];
    if (is_ordered && answers.empty())
      made.order.push_back(id);
    auto failure = mark.find("error");
    if (failure != mark.end())
      answers.push_back({true, failure->get<std::string>()});
    else
      answers.push_back({false, mark.value("data", "null")});
  }
};

} // namespace

void tell(told_of& all, const std::string& id, std::string what) {
  auto& said = all[id];
  if (std::find(said.begin(), said.end(), what) == said.end())
    said.push_back(std::move(what));
}

std::string words_for_result(std::string_view body) {
  auto result = json::read_workload_result(body);
  if (!result)
    return "unreadable " + std::string{body};
  if (result->state == result_state::error)
    return "error " + result->message;
  auto state = result->state == result_state::ok ? "ok " : "deleted ";
  // Both sides through one writer: the order of members does not matter.
  auto data = nlohmann::json::parse(result->data_json, nullptr, false);
  return state + (data.is_discarded() ? result->data_json : data.dump());
}

expected<recording> read_recording(const std::string& path) {
  std::ifstream lines{path};
  if (!lines)
    return fail(errc::invalid_configuration, path + " cannot be read");
  recording_reader reader;
  std::string line;
  for (std::size_t number = 1; std::getline(lines, line); ++number)
    if (!line.empty())
      if (auto wrong = reader.take(std::move(line)))
        return fail(wrong.code,
                    path + ":" + std::to_string(number) + ": " + wrong.message);
  if (reader.made.node_id.empty())
    return fail(errc::invalid_configuration, path + " is no recording");
  return std::move(reader.made);
}

} // namespace provision::bench
