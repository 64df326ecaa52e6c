#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <leveldb/write_batch.h>

#include "identity/signer.hpp"
#include "persistence/journal_seal.hpp"
#include "persistence/leveldb/absent_ids.hpp"
#include "persistence/leveldb/database.hpp"
#include "persistence/reservation_store.hpp"

namespace provision {

/// The store's own numbers: what the next rows are called.
struct row_numbers {
  std::uint64_t outbox_next = 1;
  /// Behind the last row that was ever parked.
  std::uint64_t parked_next = 1;
  /// Both ends of the journal.
  journal_seal journal = {};
  /// When its oldest line was written, as far as it was looked up.
  std::optional<timestamp> journal_since = {};
  /// Whether the rows that records are listed by are complete: each line of the
  /// journal then says so of itself, too.
  bool lists_are_whole = false;
};

/// How many lines of the journal are kept.
struct journal_policy {
  std::uint64_t rows_max = 0;
  /// Older than the newest line by more than this: dropped; 0: no limit.
  std::chrono::seconds age_max{0};
  /// Signs the journal's ends; null: they bear no signature.
  const signer* signs = nullptr;
};

/// Turns one batch of transitions into one batch of rows. Nothing is changed
/// until the rows are written.
class transition_writer {
public:
  /// `rows` is emptied, and keeps its memory; of the ids in `stateless` it is
  /// known that no row holds their state.
  transition_writer(database& db, leveldb::WriteBatch& rows,
                    row_numbers numbers, journal_policy journal,
                    const absent_ids& stateless)
    : db_{db}, rows_{rows}, numbers_{std::move(numbers)}, journal_{journal},
      stateless_{stateless} {
    rows_.Clear();
  }

  /// Fills the rows; assigns sequence numbers in `batch`.
  /// errc::storage_failure.
  error add(transition_batch& batch);

  /// The numbers that hold once the rows are written.
  const row_numbers& numbers() const noexcept { return numbers_; }

  /// Adds what the rows will change to `counts`; call it before they are
  /// written.
  error count(store_statistics& counts);

private:
  error remove(const tombstone& stone);
  error put(const record_put& put);
  /// Index rows that a record has: those of its state, or all of them.
  enum class index_rows : std::uint8_t { of_state, all };
  error drop_index_rows(std::string_view id, index_rows which);
  void add_outbox(transition_batch& batch);
  error add_journal(transition_batch& batch);
  void trim_journal(const transition_batch& batch);
  expected<journal_entry> line_of(std::uint64_t number,
                                  const transition_batch& batch);

  void put_row(const std::string& key, std::string_view value);
  void drop_row(const std::string& key);

  database& db_;
  leveldb::WriteBatch& rows_;
  row_numbers numbers_;
  journal_policy journal_;
  const absent_ids& stateless_;
  /// Keys of the kinds that are counted -> whether they are there afterwards.
  std::map<std::string, bool, std::less<>> touched_;
};

} // namespace provision
