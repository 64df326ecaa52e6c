#pragma once

#include <cstdint>
#include <string>

#include <leveldb/env.h>

#include "messages/error.hpp"
#include "persistence/leveldb/store_disk.hpp"

namespace provision {

/// LevelDB's view of the disk, with two differences.
///
/// It remembers how long the write-ahead log is. A write that fails half-way
/// (a full disk) leaves half a record in the log, behind which LevelDB would
/// go on as if nothing were there; the next start would then lose what was
/// acknowledged since. `rewind` cuts the log back to the last write that
/// succeeded.
///
/// It makes new names durable. LevelDB syncs contents, but not the name of a
/// new log nor the rename that makes a new manifest the current one: after a
/// power failure the store would come back as it was before it was opened,
/// short of what a killed process had not synced.
class store_env final : public leveldb::EnvWrapper {
public:
  explicit store_env(store_disk& disk);

  leveldb::Status NewWritableFile(const std::string& path,
                                  leveldb::WritableFile** file) override;

  leveldb::Status RenameFile(const std::string& from,
                             const std::string& to) override;

  /// What is in the log now belongs to writes that succeeded.
  void mark();

  /// Cuts off what was written since `mark`. The database must not write to
  /// its log again. errc::storage_failure naming the file.
  error rewind() const;

  /// The file that is written to, and how much of it was written.
  struct log_position {
    std::string path = {};
    std::uint64_t size = 0;
  };

private:
  leveldb::Status sync_folder_of(const std::string& path);

  store_disk& disk_;
  log_position current_;
  log_position marked_;
};

} // namespace provision
