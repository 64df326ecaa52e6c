#pragma once

#include <cstdint>
#include <string>

#include <leveldb/env.h>

#include "messages/error.hpp"

namespace provision {

/// LevelDB's view of the machine, with two differences.
///
/// It remembers how long the write-ahead log is. A write that fails half-way
/// (a full disk) leaves half a record in the log, behind which LevelDB would
/// go on as if nothing were there; the next start would then lose what was
/// acknowledged since. `rewind` cuts the log back to the last write that
/// succeeded.
///
/// It reads tables instead of mapping them: a disk that fails is an error and
/// not a signal that ends the process, and the memory of the process does not
/// grow with the store.
class store_env final : public leveldb::EnvWrapper {
public:
  store_env();

  leveldb::Status
  NewRandomAccessFile(const std::string& path,
                      leveldb::RandomAccessFile** file) override;

  leveldb::Status NewWritableFile(const std::string& path,
                                  leveldb::WritableFile** file) override;

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
  log_position current_;
  log_position marked_;
};

} // namespace provision
