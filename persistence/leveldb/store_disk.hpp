#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <leveldb/env.h>

namespace provision {

/// The disk under a store: LevelDB's Env, and what the store asks of a disk
/// that an Env does not offer. Outlives every store on it. Thread-safe as an
/// Env must be.
class store_disk {
public:
  virtual ~store_disk() = default;

  virtual leveldb::Env& env() = 0;

  /// Makes the names in `folder` durable: files made, renamed and removed.
  virtual leveldb::Status sync_folder(const std::string& folder) = 0;

  /// Cuts the file to `size` bytes; a file that is missing is no error.
  virtual leveldb::Status cut(const std::string& path, std::uint64_t size) = 0;

  /// Bytes that may still be written below `folder`; nothing if unknown.
  virtual std::optional<std::uint64_t> free_bytes(const std::string& folder)
    = 0;

  /// A database is about to close and waits for LevelDB's background work: a
  /// disk whose Env has no thread of its own runs that work now.
  virtual void finish_background() {}
};

/// The machine's own disk.
store_disk& host_disk();

} // namespace provision
