#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include <leveldb/write_batch.h>

#include "persistence/leveldb/database.hpp"
#include "persistence/reservation_store.hpp"

namespace provision {

/// The store's own numbers: what the next rows are called.
struct row_numbers {
  std::uint64_t outbox_next = 1;
  /// Behind the last row that was ever parked.
  std::uint64_t parked_next = 1;
  /// The journal holds rows from here up to, not including, journal_next.
  std::uint64_t journal_first = 1;
  std::uint64_t journal_next = 1;
};

/// Turns one batch of transitions into one batch of rows. Nothing is changed
/// until the rows are written.
class transition_writer {
public:
  transition_writer(database& db, row_numbers numbers,
                    std::uint64_t journal_rows_max)
    : db_{db}, numbers_{numbers}, journal_rows_max_{journal_rows_max} {}

  /// Fills rows(); assigns sequence numbers in `batch`. errc::storage_failure.
  error add(transition_batch& batch);

  leveldb::WriteBatch& rows() noexcept { return rows_; }

  /// The numbers that hold once the rows are written.
  const row_numbers& numbers() const noexcept { return numbers_; }

  /// Adds what the rows will change to `counts`; call it before they are
  /// written.
  error count(store_statistics& counts);

private:
  error remove(const tombstone& stone);
  error put(const record_put& put);
  error drop_index_rows(std::string_view id);
  void add_outbox(transition_batch& batch);
  void add_journal(transition_batch& batch);

  void put_row(const std::string& key, std::string_view value);
  void drop_row(const std::string& key);

  database& db_;
  row_numbers numbers_;
  std::uint64_t journal_rows_max_;
  leveldb::WriteBatch rows_;
  /// Keys of the kinds that are counted -> whether they are there afterwards.
  std::map<std::string, bool, std::less<>> touched_;
};

} // namespace provision
