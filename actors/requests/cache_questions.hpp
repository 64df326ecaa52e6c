#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/timestamp.hpp"
#include "persistence/record.hpp"
#include "persistence/reservation_store.hpp"

/// What an operator asks the cache; each answer has a bound.
namespace provision {

/// One page of live records, by id. Looks at `count_max` records at most, so a
/// filter can leave a page short or empty although there are more.
struct list_records {
  std::string prefix = {};
  /// Begin behind this id.
  std::string after = {};
  std::size_t count_max = 100;
  /// Only those; empty or nothing: any.
  std::optional<record_state> state = {};
  std::string type = {};
  std::string user = {};
};

struct listed_records {
  /// Without their received bytes.
  std::vector<record> rows = {};
  /// Where the next page begins; empty at the end.
  std::string next = {};
};

/// All that is known of one id: live, gone, or set aside. If there is nothing,
/// `id` is taken for the beginning of one.
struct read_history {
  std::string id = {};
};

struct reservation_history {
  /// The whole id.
  std::string id = {};
  /// Null if it is not live.
  record_ptr row = {};
  std::optional<tombstone> grave = {};
  std::optional<quarantined> set_aside = {};
  /// Lines of the journal about it, oldest first, as far as they were found
  /// near the times that are known of it.
  std::vector<journal_entry> lines = {};
  /// Reports that are owed or parked, as far as they are among the oldest
  /// thousand.
  std::vector<outbox_row> reports = {};
  /// Several ids begin so: the first few; then all else is empty.
  std::vector<std::string> candidates = {};
};

struct read_journal {
  std::uint64_t after = 0;
  std::size_t count_max = 256;
  /// Set: the last lines instead, as many as this.
  std::optional<std::size_t> last = {};
};

struct journal_lines {
  std::vector<journal_entry> lines = {};
  /// Both ends of the journal, if it is a chain.
  std::optional<journal_seal> seal = {};
};

struct read_parked {
  std::size_t count_max = 256;
};

struct read_quarantine {
  /// Begin behind this key.
  std::string after = {};
  std::size_t count_max = 100;
};

struct quarantine_rows {
  std::vector<quarantined> rows = {};
};

struct read_store_status {};

struct store_status {
  store_statistics rows = {};
  /// What opening found.
  std::uint64_t live_at_start = 0;
  std::uint64_t salvaged_at_start = 0;
  std::optional<timestamp> next_deadline = {};
  store_writes writes = {};
};

} // namespace provision
