#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "explorer/simulated/farm.hpp"
#include "explorer/simulated/node_entry.hpp"
#include "explorer/simulated/pool.hpp"
#include "explorer/simulated/user.hpp"
#include "explorer/simulated/workload_book.hpp"

namespace provision::simulated {

/// Everything that the explorer keeps.
struct holdings {
  workload_book workloads = {};
  workload_queue queue = {};
  phonebook users = {};
  pool_book pools = {};
  std::map<std::int64_t, farm> farms = {};
  /// By node id.
  std::map<std::string, node_entry, std::less<>> nodes = {};
  /// Highest ids given out so far; 0: none.
  std::int64_t last_workload_id = 0;
  std::int64_t last_pool_order_id = 0;
};

// The changes. Each is applied to the holdings and written to the journal;
// reading the journal applies them again, so both ways lead to the same.

/// A workload is new, or another in every respect.
struct workload_stored {
  documents::workload document = {};
};
/// A result came in.
struct result_stored {
  std::int64_t id = 0;
  documents::workload_result result = {};
};
struct action_set {
  std::int64_t id = 0;
  documents::next_action action = documents::next_action::create;
};
struct queued {
  documents::workload snapshot = {};
};
struct dequeued {
  std::int64_t id = 0;
};
struct user_stored {
  user who = {};
};
struct farm_stored {
  farm what = {};
};
struct node_stored {
  node_entry what = {};
};
struct pool_stored {
  pool what = {};
};
/// A workload starts or ends to use a pool.
struct pool_used {
  std::int64_t pool_id = 0;
  std::int64_t workload_id = 0;
  cloud_units units = {};
  /// Unix seconds.
  std::int64_t at = 0;
  bool starts = true;
};
struct counters_set {
  std::int64_t last_workload_id = 0;
  std::int64_t last_pool_order_id = 0;
};

using change = std::variant<workload_stored, result_stored, action_set, queued,
                            dequeued, user_stored, farm_stored, node_stored,
                            pool_stored, pool_used, counters_set>;

/// Does what the change says. What refers to something that is not there is
/// left undone.
void carry_out(holdings& all, const change& what);

/// The change as one JSON object with one key, its kind.
std::string write(const change& what);

/// The changes in a JSON array of such objects.
expected<std::vector<change>> read_changes(std::string_view json);

/// Changes that make empty holdings equal to `all`.
std::vector<change> snapshot(const holdings& all);

} // namespace provision::simulated
