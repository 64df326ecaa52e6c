#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "persistence/leveldb/database.hpp"
#include "persistence/reservation_store.hpp"

namespace provision {

/// Rows that do not pass their check, and what can still be said about them.
struct damaged_rows {
  /// The keys of the rows that are set aside.
  std::vector<std::string> keys = {};
  /// What goes to the quarantine in their place.
  quarantined notice = {};
};

/// Streams over all records, state row and bytes side by side, and checks both.
/// `good` sees each sound record, `bad` each damaged one: a row that does not
/// decode, or one of the two rows without the other.
error scan_records(database& db, timestamp now,
                   const std::function<void(const record_summary&)>& good,
                   const std::function<void(damaged_rows)>& bad);

/// Checks the rows of the outbox, the parked rows and the cursors: few, and
/// one that cannot be read would hold up all that follow.
error scan_small_rows(database& db, timestamp now,
                      const std::function<void(damaged_rows)>& bad);

/// Visits every index row (work, expiry, network, user, type): its key and the
/// id of the record that it points to.
error scan_index(
  database& db,
  const std::function<void(std::string_view key, std::string_view id)>& visit);

/// Adds to `rows`: each damaged row moves to its place among the damaged ones,
/// byte for byte, and the notice goes to the quarantine.
error set_aside(database& db, const damaged_rows& damage,
                leveldb::WriteBatch& rows);

/// The keys of the index rows that a record in this state has.
std::vector<std::string> index_rows_of(const record_summary& what);

} // namespace provision
