#pragma once

#include <mutex>
#include <string>

#include "backends/host/file_descriptor.hpp"
#include "messages/error.hpp"

namespace provision {

/// A mutex among threads and among processes: those that name the same file
/// exclude one another. One that dies lets go, whatever it did. For
/// std::lock_guard.
class process_mutex {
public:
  /// The file is made if it is missing; it is empty and stays.
  explicit process_mutex(const std::string& path);
  process_mutex(const process_mutex&) = delete;
  process_mutex& operator=(const process_mutex&) = delete;

  /// Why it must not be used; nothing if it may.
  const error& trouble() const noexcept { return trouble_; }

  void lock();
  void unlock() noexcept;

  /// What excludes the threads of this process alone.
  std::mutex& of_this_process() noexcept { return mutex_; }

private:
  std::mutex mutex_;
  file_descriptor file_;
  error trouble_ = {};
};

} // namespace provision
