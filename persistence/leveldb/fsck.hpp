#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "messages/error.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// One thing that is wrong with a store.
struct fsck_problem {
  /// "database", "record", "outbox", "parked", "journal", "tombstone",
  /// "quarantine", "meta", "index", "unknown".
  std::string kind = {};
  /// The row, printable: bytes outside ASCII as \xNN.
  std::string row = {};
  std::string what = {};
  bool repaired = false;
};

struct fsck_report {
  std::vector<fsck_problem> problems = {};
  /// Rows read, by the letter of their kind (docs/on_disk.md).
  std::map<char, std::uint64_t> rows = {};
  /// LevelDB's own files were damaged: the rows were copied to fresh ones.
  bool rebuilt = false;
  /// Where the damaged files are kept; empty if there are none.
  std::string kept_at = {};

  /// Whether every problem was repaired, or there was none.
  bool clean() const noexcept;
};

/// Reads and checks every row of the store in `folder`. With `repair` it also
/// copies the rows to a fresh database if LevelDB's files are damaged, moves
/// damaged rows aside (byte for byte, with a notice dated `now` in the
/// quarantine) and puts the indexes right. Records that were brought back
/// although a later tombstone says that they are gone are moved aside too.
///
/// errc::storage_locked while a daemon uses the store, errc::storage_too_new,
/// errc::storage_failure if there is no store.
expected<fsck_report> fsck(const std::string& folder, bool repair,
                           timestamp now = {});

} // namespace provision
