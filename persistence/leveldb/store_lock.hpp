#pragma once

#include <string>
#include <utility>

#include "messages/error.hpp"

namespace provision {

/// Holds a store's folder for this process: a lock on its file
/// `provision.lock`, which says who holds it. The kernel lets go of it when
/// the process ends, however it ends.
class store_lock {
public:
  /// errc::storage_locked naming the process that holds the folder;
  /// errc::storage_failure naming the file.
  static expected<store_lock> acquire(const std::string& folder);

  /// Holds nothing: for a folder that no other process can see.
  static store_lock none() { return store_lock{-1}; }

  store_lock(store_lock&& other) noexcept
    : file_{std::exchange(other.file_, -1)} {}
  store_lock& operator=(store_lock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  store_lock(const store_lock&) = delete;
  store_lock& operator=(const store_lock&) = delete;
  ~store_lock();

private:
  explicit store_lock(int file) : file_{file} {}

  int file_;
};

} // namespace provision
