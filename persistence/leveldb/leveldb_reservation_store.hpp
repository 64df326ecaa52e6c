#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "identity/signer.hpp"
#include "messages/error.hpp"
#include "messages/timestamp.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/reservation_store.hpp"
#include "persistence/transition_rules.hpp"

namespace provision {

struct leveldb_store_settings {
  /// Rows of the journal that are kept.
  std::uint64_t journal_rows_max = journal_rows_kept;
  /// Rows of the journal that are older than its newest by more than this are
  /// dropped; 0: age does not matter.
  std::chrono::seconds journal_age_max{0};
  /// Signs both ends of the journal; null: cutting off an end is not noticed.
  std::shared_ptr<const signer> signs = {};
  /// Rows that are kept in memory before they become a table.
  std::size_t write_buffer_bytes = database::default_write_buffer_bytes;
};

/// Opens the store in `folder`, which is created (0700) if it is missing, for
/// this process alone. All live records are read and checked once; damaged
/// ones are moved to the quarantine, dated `now`, and named in recovery().
///
/// errc::storage_locked names the process that has it open,
/// errc::storage_foreign both nodes, errc::storage_too_new both versions of
/// the format, errc::storage_corrupt the remedy; errc::storage_failure and
/// errc::disk_full name the path.
expected<std::unique_ptr<reservation_store>>
open_leveldb_store(const std::string& folder, const std::string& node_id,
                   timestamp now, const leveldb_store_settings& settings = {});

/// The same on another disk than the machine's. Nobody else may see its
/// folders: they are not locked.
expected<std::unique_ptr<reservation_store>>
open_leveldb_store(store_disk& disk, const std::string& folder,
                   const std::string& node_id, timestamp now,
                   const leveldb_store_settings& settings = {});

} // namespace provision
