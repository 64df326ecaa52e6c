// The engine: what was recorded, what we must do by our rules, what we did.
#include <regex>

#include "messages/hex.hpp"
#include "messages/json/json.hpp"
#include "tests/conformance/checks.hpp"
#include "tests/conformance/engine_model.hpp"
#include "tests/conformance/engine_run.hpp"

namespace provision::conformance {

namespace {

/// Plays the steps to the model and to our engine.
class play {
public:
  play(const trace& recording)
    : recording_{recording}, model{recording}, ours{recording} {
    for (auto& step : recording.input)
      one(step);
    model.settle();
    ours.settle();
    model.finish();
  }

private:
  void one(value step) {
    auto op = text(step, "op");
    if (op == "preload_cache") {
      model.preload(step, started_);
      ours.preload(step);
    } else if (op.starts_with("start") || op == "restart") {
      start(step, op);
    } else if (op == "batch" || op == "end_of_history") {
      batch(step, op == "end_of_history");
    } else if (op == "wait") {
      std::chrono::seconds span{step["seconds"].get<int>()};
      ours.wait(span);
      model.wait(span);
    } else if (op == "decommission_cached") {
      ours.decommission_cached(text(step, "id"), text(step, "reason"));
      model.decommission_cached(text(step, "id"), text(step, "reason"));
    } else if (op == "counters_stream") {
      ours.read_counters_stream(step["count"]);
    } else if (op != "forget_recent" && op != "close_source"
               && op != "cancel") {
      throw std::runtime_error{"unknown step " + op};
    }
  }

  void start(value step, const std::string& op) {
    bool again = op == "restart";
    bool http = recording_.kind == "end_to_end";
    step["http"] = http;
    if (again && http)
      step["poll_period_ms"] = 200;
    model.start(step.value("sync", true), step.value("first_boot", false));
    if (!again && http)
      hand_over(expected_polls(http_replies(recording_), text_form::document, 0,
                               interval_of(step)));
    if (step.contains("poll_replies"))
      hand_over(expected_polls(scripted_replies(step), text_form::reservation,
                               0, interval_of(step)));
    // The poll is answered before the store has looked for deadlines.
    model.expire();
    again ? ours.restart(step) : ours.start(step);
    started_ = true;
  }

  static double interval_of(const value& step) {
    constexpr double usual_ms = 10000;
    return step.value("poll_period_ms", usual_ms) / 1000;
  }

  void hand_over(const std::vector<polled>& polls) {
    for (auto& one : polls) {
      if (one.scripted)
        expected_froms.push_back(one.from);
      if (one.failed)
        model.use(rules::poll_goes_on_from_the_same_id);
      if (!one.items.empty())
        model.hand_over(one.items, one.at);
    }
    // A scripted poller also sees the first poll after its script.
    if (recording_.kind != "end_to_end" && !polls.back().scripted)
      expected_froms.push_back(from_after(polls));
  }

  /// What the poll after all others must ask for.
  std::uint64_t from_after(const std::vector<polled>& polls) {
    auto next = polls.back().from;
    bool dry = polls.size() > 1 && polls[polls.size() - 2].at < polls.back().at;
    auto lowest = model.lowest_reported();
    if (!dry || !lowest || *lowest >= next)
      return next;
    model.use(rules::reported_is_looked_at_again);
    return *lowest;
  }

  void batch(const value& step, bool history_end) {
    std::vector<std::string> texts;
    std::vector<reservation> items;
    auto given = step.value("reservations", value::array());
    // The recordings hand over one by one, in the order given.
    for (auto& item : given) {
      auto bytes = reservation_text(item);
      auto read = json::read_reservation(bytes);
      if (!read)
        throw std::runtime_error{"batch: " + read.error().message};
      model.hand_over({*read});
      ours.give({bytes}, false);
    }
    if (history_end)
      ours.give({}, true);
  }

  const trace& recording_;
  bool started_ = false;

public:
  engine_model model;
  engine_run ours;
  std::vector<std::uint64_t> expected_froms = {};
};

// -- what we did against what we must -----------------------------------------

bool message_fits(const std::string& must, const std::string& did) {
  return must.starts_with('~')
           ? did.find(must.substr(1)) != std::string::npos || must == "~."
           : must == did;
}

bool is_signed(const report& one) {
  result made{.state = static_cast<result_state>(one.state),
              .error = one.message,
              .data = one.data};
  return hex::encode(provision::testing::a_node_key().sign(made.bytes()))
         == one.signature;
}

bool fits(report must, const report& did) {
  if (!message_fits(must.message, did.message))
    return false;
  if (must.message.starts_with('~')) {
    must.message = did.message;
    must.signature = did.signature;
    return must == did && is_signed(did) && !did.message.empty();
  }
  return must == did;
}

std::string list(const std::vector<report>& all) {
  std::string result;
  for (auto& one : all)
    (result += to_string(one)) += "; ";
  return result;
}

template <class T>
std::string list(const std::vector<T>& all) {
  std::string result;
  for (auto& one : all) {
    if constexpr (std::is_integral_v<T>)
      result += std::to_string(one);
    else
      result += one;
    result += "; ";
  }
  return result;
}

template <class T>
void same(verdict& out, const char* what, const T& must, const T& did) {
  if (must != did)
    out.failures.push_back(std::string{what} + ": must be " + list(must)
                           + " ours " + list(did));
}

void same_numbers(verdict& out, const char* what, const numbers& must,
                  const numbers& did) {
  if (must != did)
    out.failures.push_back(std::string{what} + ": must be " + to_string(must)
                           + " ours " + to_string(did));
}

void check_reports(verdict& out, const outcome& must, const outcome& did) {
  for (auto& [id, all] : did.reports)
    if (!must.reports.contains(id))
      out.failures.push_back(id + ": must report nothing, ours " + list(all));
  for (auto& [id, all] : must.reports) {
    auto found = did.reports.find(id);
    auto ours
      = found == did.reports.end() ? std::vector<report>{} : found->second;
    if (!std::equal(all.begin(), all.end(), ours.begin(), ours.end(), fits))
      out.failures.push_back(id + ": must report " + list(all) + " ours "
                             + list(ours));
  }
}

std::vector<std::string> record_lines(const outcome& of) {
  std::vector<std::string> result;
  for (auto& [id, one] : of.records)
    result.push_back(id + ' ' + one.state + ' ' + one.created);
  return result;
}

void check_ours(verdict& out, const outcome& must, const outcome& did) {
  same(out, "calls", must.calls, did.calls);
  check_reports(out, must, did);
  same(out, "records", record_lines(must), record_lines(did));
  same_numbers(out, "counted", must.counted, did.counted);
  same_numbers(out, "told", must.told, did.told);
  same(out, "answers", must.answers, did.answers);
  same(out, "polls", must.polls, did.polls);
  same(out, "counter values", must.counter_values, did.counter_values);
  if (did.idle_statistics != 0)
    out.failures.push_back("statistics are sent while nothing happens");
}

// -- what was recorded against what we must do --------------------------------

/// Finds the rules behind each difference.
class explanation {
public:
  explanation(verdict& out, const trace& recording, engine_model& model)
    : out_{out}, recording_{recording}, model_{model},
      theirs_{recorded_outcome(recording)}, must_{model.expected()} {}

  void find(const outcome& must) {
    must_ = must;
    reservations();
    calls();
    counts();
    others();
    plain("answers", theirs_.answers == must_.answers, {});
    plain("idle statistics", theirs_.idle_statistics == 0,
          rules::error_records_do_not_loop);
    auto& everywhere = model_.rules_everywhere();
    plain("polls", theirs_.polls == must_.polls,
          everywhere.contains(rules::reported_is_looked_at_again)
            ? rules::reported_is_looked_at_again
            : rules::poll_goes_on_from_the_same_id);
    plain("counter values", theirs_.counter_values == must_.counter_values,
          rules::debug_is_counted);
  }

  const outcome& theirs() const { return theirs_; }

private:
  void use(const std::set<std::string>& names) {
    out_.used.insert(names.begin(), names.end());
  }

  void unexplained(const std::string& what) {
    out_.failures.push_back("no rule explains the difference of " + what);
  }

  /// A dimension that one rule may explain.
  void plain(const char* what, bool is_same, const char* rule) {
    if (is_same)
      return;
    if (rule)
      out_.used.insert(rule);
    else
      unexplained(what);
  }

  void reservations() {
    std::set<std::string> ids;
    for (auto* side : {&theirs_, &must_}) {
      for (auto& [id, all] : side->reports)
        ids.insert(id);
      for (auto& [id, one] : side->records)
        ids.insert(id);
    }
    for (auto& id : ids) {
      auto reported = [&](const outcome& side) {
        auto found = side.reports.find(id);
        return found == side.reports.end() ? std::vector<report>{}
                                           : found->second;
      };
      auto kept = [&](const outcome& side) {
        auto found = side.records.find(id);
        return found == side.records.end() ? kept_record{} : found->second;
      };
      if (reported(theirs_) == reported(must_) && kept(theirs_) == kept(must_))
        continue;
      auto& why = model_.rules_of(id);
      if (why.empty())
        unexplained(id + ": recorded " + list(reported(theirs_)) + " and "
                    + kept(theirs_).state + ", expected "
                    + list(reported(must_)) + " and " + kept(must_).state);
      use(why);
    }
  }

  /// Calls that only one side made, or that it made more often, need a rule
  /// each; so does a different order of the others.
  void calls() {
    std::map<std::string, int> surplus;
    for (auto& line : theirs_.calls)
      ++surplus[line];
    for (auto& line : must_.calls)
      --surplus[line];
    auto differs = [&](const std::string& line) { return surplus[line] != 0; };
    for (auto& [line, count] : surplus)
      if (count != 0)
        explain_calls({line});
    auto a = theirs_.calls;
    auto b = must_.calls;
    std::erase_if(a, differs);
    std::erase_if(b, differs);
    // The same calls on both sides, so as many.
    for (std::size_t i = 0; i < a.size(); ++i)
      if (a[i] != b[i])
        explain_calls({a[i], b[i]});
  }

  void explain_calls(const std::vector<std::string>& lines) {
    std::set<std::string> why;
    for (auto& line : lines) {
      auto& more = model_.rules_of(line.substr(line.find(' ') + 1));
      why.insert(more.begin(), more.end());
    }
    if (why.empty())
      unexplained("calls: recorded " + list(theirs_.calls) + " expected "
                  + list(must_.calls));
    use(why);
  }

  /// A record's text with its `<NOW>`, escaped as Go does, made readable.
  static std::string dated(std::string text) {
    constexpr std::string_view mark = R"(\u003cNOW\u003e)";
    for (auto at = text.find(mark); at != std::string::npos;
         at = text.find(mark))
      text.replace(at, mark.size(), "2026-01-01T00:00:00Z");
    return text;
  }

  /// What the recorded records count for, if they were counted right.
  numbers sum_of_theirs() const {
    std::vector<reservation> live;
    if (recording_.output.contains("cache"))
      for (auto& file : recording_.output["cache"]) {
        if (!file.contains("record") || file["record"].is_null())
          continue;
        auto read
          = json::read_reservation(dated(reservation_text(file["record"])));
        if (read && theirs_.records.at(text(file, "file")).state == "ok")
          live.push_back(std::move(*read));
      }
    return engine_model::count(live);
  }

  void counts() {
    auto& everywhere = model_.rules_everywhere();
    bool same_records = record_lines(theirs_) == record_lines(must_);
    if (theirs_.counted != must_.counted) {
      auto right = sum_of_theirs();
      if (right != theirs_.counted) {
        auto network_apart = theirs_.counted;
        network_apart.erase("network");
        auto right_apart = right;
        right_apart.erase("network");
        bool damaged = everywhere.contains(rules::damaged_file_is_set_aside);
        out_.used.insert(damaged ? rules::damaged_file_is_set_aside
                         : network_apart == right_apart
                           ? rules::networks_counted_once
                           : rules::counters_are_the_sum_of_live_records);
      } else if (same_records) {
        unexplained("counters: recorded " + to_string(theirs_.counted)
                    + " expected " + to_string(must_.counted));
      }
    }
    if (theirs_.told == must_.told || theirs_.counted != must_.counted)
      return;
    if (everywhere.contains(rules::numbers_are_reported_at_start))
      out_.used.insert(rules::numbers_are_reported_at_start);
    else
      unexplained("told numbers: recorded " + to_string(theirs_.told)
                  + " expected " + to_string(must_.told));
  }

  /// Events that have no counterpart of ours.
  void others() {
    for (auto& event : recording_.output["events"]) {
      auto kind = event["event"].get<std::string>();
      if (kind == "bus" || kind == "explorer_get")
        out_.used.insert(text(event, "call").find("GetCacheFS")
                             != std::string::npos
                           ? rules::statistics_need_no_storage_daemon
                           : rules::janitor_deletes_nothing_without_an_order);
      if (kind == "engine_panic")
        out_.used.insert(rules::panic_is_a_failed_workload);
      if (kind == "store_error" || !text(event, "sync_error").empty())
        out_.used.insert(rules::damaged_file_is_set_aside);
      if (kind == "sign")
        out_.used.insert(rules::result_waits_for_the_signer);
      if (kind == "engine_exit" && !event["error"].is_null())
        unexplained("the engine's end: " + text(event, "error"));
      if (kind == "http" && text(event, "method") == "GET"
          && text(event, "query").empty())
        out_.used.insert(rules::record_without_result_is_finished);
    }
  }

  verdict& out_;
  const trace& recording_;
  engine_model& model_;
  outcome theirs_;
  outcome must_;
};

} // namespace

verdict check_engine(const trace& recording) {
  verdict out;
  play both{recording};
  auto must = both.model.expected();
  must.polls = both.expected_froms;
  auto values = recording.events("counters_value");
  for (auto& event : values) {
    // Ours counts debug workloads; the recordings with a stream have one.
    auto with_debug = event["value"];
    with_debug["debug"] = 1;
    must.counter_values.push_back(with_debug.dump());
  }
  explanation why{out, recording, both.model};
  why.find(must);
  check_ours(out, must, both.ours.did);
  for (auto& problem : both.ours.problems)
    out.failures.push_back(problem);
  return out;
}

} // namespace provision::conformance
