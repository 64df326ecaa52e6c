#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "actors/requests.hpp"
#include "messages/capacity.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision::bench {

/// What a provisioner answered.
struct recorded_answer {
  bool failed = false;
  /// The result's data, or the error's text.
  std::string text = {};
};

/// What the explorer was told of one reservation, without what is different
/// each time (signatures, times): "ok {...}", "error <text>", "deleted".
/// Repetitions are left out.
using told_of = std::map<std::string, std::vector<std::string>>;

/// Adds `what`, unless it was said before.
void tell(told_of& all, const std::string& id, std::string what);

/// The words for the body of a result.
std::string words_for_result(std::string_view body);

/// A node's day: docs/recording.md.
struct recording {
  std::string node_id = {};
  std::set<std::string> types = {};
  resources capacity = {};

  struct page {
    timestamp at = {};
    source_page what = {};
  };
  std::vector<page> pages = {};
  /// Raw public keys by user.
  std::map<std::int64_t, std::string> users = {};
  std::map<std::string, std::deque<recorded_answer>> provisioned = {};
  std::map<std::string, std::deque<recorded_answer>> decommissioned = {};
  /// Ids in the order in which provisioners were asked for the first time.
  std::vector<std::string> order = {};
  told_of reports = {};
  /// Ids whose deletion a document asked for.
  std::set<std::string> deletions = {};
};

/// errc::malformed_input naming the line; errc::invalid_configuration if the
/// file cannot be read or is no recording.
expected<recording> read_recording(const std::string& path);

} // namespace provision::bench
