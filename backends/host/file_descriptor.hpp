#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "messages/error.hpp"

namespace provision {

/// An open file, closed with its owner.
class file_descriptor {
public:
  file_descriptor() = default;
  explicit file_descriptor(int number) noexcept : number_{number} {}
  file_descriptor(file_descriptor&& other) noexcept
    : number_{std::exchange(other.number_, -1)} {}
  file_descriptor& operator=(file_descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~file_descriptor();

  int number() const noexcept { return number_; }
  explicit operator bool() const noexcept { return number_ >= 0; }
  /// Closes now; nothing if closed already.
  void close() noexcept;
  /// The number, which its caller owns from now on.
  int release() noexcept { return std::exchange(number_, -1); }

private:
  int number_ = -1;
};

/// The error of the system call that failed last: "<what>: <errno text>",
/// errc::disk_full if room is missing, errc::host_busy if it may pass by
/// itself, errc::host_unavailable if the host lacks what every workload needs
/// (memory, rights, a driver, a disk that works), else errc::backend_failure.
error last_system_error(std::string what);
error system_error(std::string what, int number);

/// Whole content of a small file (at most 1 MiB), as /proc and /sys have them.
expected<std::string> read_whole(const std::string& path);

} // namespace provision
