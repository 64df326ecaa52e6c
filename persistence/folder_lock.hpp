#pragma once

#include <string>
#include <utility>

#include "messages/error.hpp"

namespace provision {

/// Holds a folder for this process: a lock on a file in it, which says who
/// holds it. The kernel lets go of it when the process ends, however it ends.
class folder_lock {
public:
  /// `what` names the folder's use in errors, as "store". Who died a moment ago
  /// may leave the lock to a program that it was just starting: that is waited
  /// for, two seconds at most. errc::storage_locked naming the process that
  /// holds the folder; errc::storage_failure naming the file.
  static expected<folder_lock> acquire(const std::string& what,
                                       const std::string& folder,
                                       const std::string& file_name);

  /// Holds nothing: for a folder that no other process can see.
  static folder_lock none() { return folder_lock{-1}; }

  folder_lock(folder_lock&& other) noexcept
    : file_{std::exchange(other.file_, -1)} {}
  folder_lock& operator=(folder_lock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  folder_lock(const folder_lock&) = delete;
  folder_lock& operator=(const folder_lock&) = delete;
  ~folder_lock();

private:
  explicit folder_lock(int file) : file_{file} {}

  int file_;
};

/// The lock of a store's folder, `provision.lock`.
expected<folder_lock> lock_store(const std::string& folder);

} // namespace provision
