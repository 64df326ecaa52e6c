#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "persistence/folder_lock.hpp"
#include "persistence/leveldb/absent_ids.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/leveldb/deadline_floor.hpp"
#include "persistence/leveldb/leveldb_reservation_store.hpp"
#include "persistence/leveldb/transition_writer.hpp"
#include "persistence/reservation_store.hpp"

namespace provision {

/// The store behind open_leveldb_store; what each method promises is written
/// at the port.
class leveldb_reservation_store final : public reservation_store {
public:
  leveldb_reservation_store(folder_lock lock, std::unique_ptr<database> db,
                            row_numbers numbers, recovery_report found,
                            leveldb_store_settings settings)
    : lock_{std::move(lock)}, db_{std::move(db)}, numbers_{std::move(numbers)},
      found_{std::move(found)}, settings_{std::move(settings)} {}

  error apply(transition_batch& batch, durability demanded) override;
  expected<std::optional<record>> find(std::string_view id) override;
  expected<std::optional<record>> find_state(std::string_view id) override;
  expected<std::optional<tombstone>>
  find_tombstone(std::string_view id) override;
  expected<std::optional<quarantined>>
  find_quarantined(std::string_view key) override;
  expected<std::vector<record>> pending(std::uint64_t after,
                                        std::size_t count_max) override;
  expected<std::vector<record>> expired(timestamp now,
                                        std::size_t count_max) override;
  expected<std::optional<timestamp>> next_deadline() override;
  expected<bool> network_exists(std::string_view network) override;
  expected<std::vector<outbox_row>> outbox(std::uint64_t after,
                                           std::size_t count_max) override;
  expected<std::vector<outbox_row>> parked(std::size_t count_max) override;
  expected<std::vector<quarantined>> quarantine(std::string_view after,
                                                std::size_t count_max) override;
  expected<std::vector<journal_entry>> journal(std::uint64_t after,
                                               std::size_t count_max) override;
  expected<std::uint64_t> journal_before(timestamp at) override;
  std::optional<journal_seal> seal() const override { return numbers_.journal; }
  expected<std::uint64_t> cursor(std::string_view source) override;
  expected<std::vector<record>> list(std::string_view prefix,
                                     std::string_view after,
                                     std::size_t count_max) override;
  expected<std::optional<std::vector<std::string>>>
  ids_of(listed_by what, std::string_view value,
         const id_range& range) override;
  error
  for_each(const std::function<void(const record_summary&)>& visit) override;
  expected<store_statistics> statistics() override;
  store_writes writes() const override { return writes_; }
  const recovery_report& recovery() const override { return found_; }

private:
  /// Writes the rows and notes how long it took.
  error write(leveldb::WriteBatch& rows, durability demanded);
  /// Adds the bytes to a state.
  error complete(record& what);
  expected<store_statistics> count_rows();
  /// All deadlines in order.
  row_range deadlines();

  store_writes writes_ = {};

  /// Declared first, so that the folder is let go of last.
  folder_lock lock_;
  std::unique_ptr<database> db_;
  row_numbers numbers_;
  recovery_report found_;
  leveldb_store_settings settings_;
  /// Of the last batch; kept for its memory.
  leveldb::WriteBatch rows_ = {};
  /// No row holds their state; they have no tombstone.
  absent_ids stateless_ = {};
  absent_ids graveless_ = {};
  deadline_floor deadline_floor_ = {};
  /// Counted at the first demand, kept up to date from then on.
  std::optional<store_statistics> counts_;
};

} // namespace provision
