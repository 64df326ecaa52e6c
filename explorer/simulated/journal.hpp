#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "explorer/simulated/holdings.hpp"
#include "messages/error.hpp"

namespace provision::simulated {

/// When a line of the journal is safe.
enum class durability : std::uint8_t {
  /// Once the operating system has it: survives the end of the process.
  process,
  /// Once the disk has it: survives the end of the power.
  power,
};

/// The changes on disk: "<folder>/explorer.log", one line per request, each a
/// JSON array of changes that count together. One process at a time.
class journal {
public:
  /// Applies what is stored to `all`, then replaces it by a snapshot. A last
  /// line without an end is what a crash leaves, and is dropped.
  /// errc::storage_locked, errc::storage_corrupt naming the line, or
  /// errc::storage_failure.
  static expected<std::unique_ptr<journal>>
  open(const std::string& folder, durability when, holdings& all);

  journal(const journal&) = delete;
  journal& operator=(const journal&) = delete;
  ~journal();

  /// Adds the changes as one line. errc::storage_failure; then none of them
  /// counts.
  error append(const std::vector<change>& changes);

private:
  journal(std::string folder, durability when);

  error lock();
  error replay(holdings& all) const;
  error start_anew(const holdings& all);

  std::string folder_;
  durability when_;
  int lock_file_ = -1;
  int file_ = -1;
  /// Bytes of whole lines.
  std::int64_t size_ = 0;
};

} // namespace provision::simulated
