#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace provision {

/// What the kernel says of this process; zeros where it says nothing.
struct process_numbers {
  std::chrono::nanoseconds cpu{0};
  std::uint64_t resident_bytes = 0;
  std::uint64_t virtual_bytes = 0;
  std::uint64_t threads = 0;
  std::uint64_t open_files = 0;
  std::uint64_t files_max = 0;
};

/// Reads the process's folder below /proc.
process_numbers read_process_numbers(const std::string& folder = "/proc/self");

} // namespace provision
