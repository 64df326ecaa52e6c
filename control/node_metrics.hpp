#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "control/api.hpp"
#include "control/process_numbers.hpp"

namespace provision {

/// All that a scrape tells, gathered from those who count it.
struct node_numbers {
  std::string version = {};
  std::string node_id = {};
  /// Base URL of the explorer; empty: there is none.
  std::string explorer = {};
  timestamp now = {};
  timestamp started_at = {};
  node_picture node = {};
  engine_numbers times = {};
  process_numbers process = {};
  /// Null: nothing is polled.
  const poll_numbers* polls = nullptr;
  /// Requests to the local API, by the path of their route.
  std::map<std::string_view, std::uint64_t> requests = {};
  std::uint64_t requests_refused = 0;
  std::uint64_t followers = 0;
  orphan_report orphans = {};
  usage_totals usage = {};
};

/// The numbers in the text format of Prometheus; docs/metrics.md lists every
/// family.
std::string metrics_text(const node_numbers& numbers);

} // namespace provision
