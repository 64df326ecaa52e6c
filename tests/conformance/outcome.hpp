#pragma once

#include <map>
#include <string>
#include <vector>

#include "actors/requests.hpp"
#include "tests/conformance/trace.hpp"

namespace provision::conformance {

/// What the explorer is told of one reservation. Tries of the same report in a
/// row count as one.
struct report {
  /// "result" or "deleted".
  std::string kind = {};
  std::string id = {};
  int category = 0;
  int state = 0;
  /// What is expected may begin with '~': then the rest is searched for.
  std::string message = {};
  std::string data = {};
  std::string signature = {};
  /// Seconds since 1970, or "now".
  std::string created = {};
  bool delivered = true;

  bool operator==(const report&) const = default;
};

/// A record at the end.
struct kept_record {
  /// "ok", "error", "none" (no result yet), "removing".
  std::string state = {};
  std::string created = {};

  bool operator==(const kept_record&) const = default;
};

/// What a report's path ends with: the id of its reservation.
inline std::string last_part(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

/// Numbers as the explorer gets them, in the order of its body.
using numbers = std::map<std::string, double>;

/// All that can be seen of one scenario from outside.
struct outcome {
  /// "provision 100-1", ... in order; the same removal tried again in a row
  /// counts as one.
  std::vector<std::string> calls = {};
  std::map<std::string, std::vector<report>> reports = {};
  std::map<std::string, kept_record> records = {};
  /// What is counted at the end; only numbers above 0.
  numbers counted = {};
  /// The last numbers that the explorer accepted.
  numbers told = {};
  bool was_told = false;
  /// Statistics sent while nothing happened.
  int idle_statistics = 0;
  /// Answers of DecommissionCached: id and error text.
  std::vector<std::string> answers = {};
  /// Ids that polls asked from, as far as the script answers them.
  std::vector<std::uint64_t> polls = {};
  std::vector<std::string> counter_values = {};

  void call(const std::string& what, const std::string& id);
  void note(report one);
};

numbers to_numbers(const resource_amount& units, const workload_amount& counts);
numbers to_numbers(const value& resources, const value& workloads);

/// "now" from the scenario's time on.
std::string created_text(timestamp when);

/// The report in a request body of ours.
report to_report(const std::string& body);

/// What the original did.
outcome recorded_outcome(const trace& recording);

std::string to_string(const report& one);
std::string to_string(const numbers& all);

} // namespace provision::conformance
