#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/iterator.h>
#include <leveldb/write_batch.h>

#include "messages/error.hpp"
#include "persistence/leveldb/store_env.hpp"

namespace provision {

/// An open LevelDB database with our options, and what to do after a write
/// that failed: cut the log back, refuse, and open anew at the next write.
class database {
public:
  enum class missing : std::uint8_t { create, refuse };

  /// errc::storage_corrupt if LevelDB's files do not pass their checks;
  /// errc::storage_locked if a foreign LevelDB program holds the folder.
  static expected<std::unique_ptr<database>>
  open(std::string folder, missing if_missing, store_disk& disk = host_disk(),
       std::size_t write_buffer_bytes = default_write_buffer_bytes);

  /// Rows that are kept in memory, and in the log, before they become a table.
  static constexpr std::size_t default_write_buffer_bytes = std::size_t{16}
                                                            << 20U;

  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database() { close(); }

  const std::string& folder() const noexcept { return folder_; }

  /// errc::storage_corrupt if the block does not pass its check.
  expected<std::optional<std::string>> get(std::string_view key);

  /// All of `rows` or nothing. errc::disk_full, errc::storage_failure.
  error write(leveldb::WriteBatch& rows, bool sync);

  /// For scans: verifies what it reads and leaves the block cache alone.
  std::unique_ptr<leveldb::Iterator> iterate();

  /// Does at once what LevelDB does little by little behind writes: tables are
  /// merged until each row is in one place. Takes a second for some 100 MiB.
  void compact();

private:
  database(std::string folder, store_disk& disk,
           std::size_t write_buffer_bytes);

  leveldb::Status start(missing if_missing);
  void close();
  error reopen();
  /// Bytes that must be free after the disk was full.
  std::uint64_t room_to_reopen() const noexcept {
    return 2 * write_buffer_bytes_;
  }

  std::string folder_;
  store_disk& disk_;
  std::size_t write_buffer_bytes_;
  /// They outlive the database that uses them.
  store_env env_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<leveldb::DB> db_;
  /// Why nothing can be written until the next reopen.
  error broken_;
};

/// The rows whose keys begin with `prefix`, in order.
class row_range {
public:
  row_range(database& db, std::string prefix);
  /// Begins at `from`, which has the prefix too.
  row_range(database& db, std::string prefix, std::string_view from);

  bool valid() const;
  void next() { rows_->Next(); }
  std::string_view key() const;
  /// The key behind the prefix.
  std::string_view name() const;
  std::string_view value() const;
  /// Why the range ended early, if it did.
  error verdict() const;

private:
  const database& db_;
  std::string prefix_;
  std::unique_ptr<leveldb::Iterator> rows_;
};

/// The last key with `prefix`; empty if there is none.
expected<std::string> last_key(database& db, const std::string& prefix);

} // namespace provision
