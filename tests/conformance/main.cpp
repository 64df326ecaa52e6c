// Plays recordings of the original engine to our code and tells where the two
// differ, and which chosen difference explains it.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <iostream>
#include <map>

#include <CLI/CLI.hpp>

#include "logging/log.hpp"
#include "tests/conformance/checks.hpp"

namespace {

using namespace provision::conformance;

verdict check(const trace& recording) {
  if (recording.kind == "converter")
    return check_converter(recording);
  if (recording.kind == "result_converter")
    return check_result_converter(recording);
  if (recording.kind == "poll" || recording.kind == "poll_http")
    return check_poll(recording);
  auto op = recording.input[0]["op"].get<std::string>();
  if (op == "split_ids")
    return check_reservation_ids(recording);
  if (op == "cache_api")
    return check_store(recording);
  if (op == "count_volumes")
    return check_narrow_counts(recording);
  return check_engine(recording);
}

verdict check_file(const std::string& path, trace& recording) {
  try {
    recording = load_trace(path);
    return check(recording);
  } catch (const std::exception& problem) {
    return {{}, {problem.what()}};
  }
}

struct totals {
  int agree = 0;
  int differ = 0;
  int failed = 0;
  std::map<std::string, int> uses = {};
};

const char* judge(const verdict& result, totals& sum) {
  for (auto& name : result.used)
    ++sum.uses[name];
  if (!result.failures.empty())
    return ++sum.failed, "FAILED";
  if (!result.used.empty())
    return ++sum.differ, "differs";
  return ++sum.agree, "agrees";
}

std::string joined(const std::set<std::string>& names) {
  std::string result;
  for (auto& name : names)
    (result += ' ') += name;
  return result;
}

void print_rules() {
  std::cout << "| rule | the decision |\n|---|---|\n";
  for (auto& one : all_rules())
    std::cout << "| `" << one.name << "` | " << one.text << " |\n";
}

void print_summary(const totals& sum, bool as_json) {
  if (as_json) {
    value all{{"agree", sum.agree},
              {"differ_by_rule", sum.differ},
              {"failed", sum.failed},
              {"rules", sum.uses}};
    std::cout << all.dump() << '\n';
    return;
  }
  for (auto& [name, uses] : sum.uses)
    std::cout << "rule " << name << ": " << uses << '\n';
  std::cout << "scenarios: " << sum.agree + sum.differ + sum.failed
            << " agree: " << sum.agree << " differ by rule: " << sum.differ
            << " failed: " << sum.failed << '\n';
}

} // namespace

int main(int argc, char** argv) {
  std::string folder = "tests/golden/traces";
  std::string only;
  bool as_json = false;
  bool verbose = false;
  bool list_rules = false;
  CLI::App app{"Compares our code with recordings of the original engine."};
  app.add_option("--traces", folder, "folder of recordings");
  app.add_option("--only", only, "one scenario, by name");
  app.add_flag("--json", as_json, "one JSON object per line");
  app.add_flag("--verbose", verbose, "show the log of our code");
  app.add_flag("--rules", list_rules, "print the table of rules and end");
  CLI11_PARSE(app, argc, argv);
  if (list_rules)
    return print_rules(), 0;
  provision::log::configure(verbose ? provision::log::level::debug
                                    : provision::log::level::off,
                            provision::log::format::text);
  std::vector<std::filesystem::path> files;
  for (auto& entry : std::filesystem::directory_iterator{folder})
    if (entry.path().extension() == ".json"
        && (only.empty() || entry.path().stem() == only))
      files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  totals sum;
  for (auto& file : files) {
    trace recording;
    auto result = check_file(file, recording);
    auto* word = judge(result, sum);
    auto name = file.stem().string();
    if (as_json) {
      value line{{"scenario", name},
                 {"verdict", word},
                 {"rules", result.used},
                 {"failures", result.failures}};
      std::cout << line.dump(-1, ' ', false, value::error_handler_t::replace)
                << std::endl;
      continue;
    }
    std::cout << name << ": " << word << joined(result.used) << std::endl;
    for (auto& one : result.failures)
      std::cout << "    " << one << std::endl;
  }
  print_summary(sum, as_json);
  return sum.failed == 0 && !files.empty() ? 0 : 1;
}
