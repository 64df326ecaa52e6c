#pragma once

#include <cstdint>
#include <string>

#include "messages/error.hpp"

namespace provision {

/// Bytes on the disk of everything at and below `path`, file systems mounted
/// there apart; what vanishes meanwhile counts as nothing.
expected<std::uint64_t> taken_bytes(const std::string& path);

/// What is being written below a folder, and what may be.
struct room_limits {
  std::string folder = {};
  /// For all that is in it.
  std::uint64_t bytes_max = 0;
  /// That its file system keeps free.
  std::uint64_t free_bytes_min = 0;
};

/// Holds a program that cannot be trusted with its sizes, such as one that
/// unpacks a stranger's archive, to them. Asking often costs little: the folder
/// is only walked when the file system has lost as much room as would be too
/// much.
class room_watch {
public:
  explicit room_watch(room_limits limits);

  /// errc::invalid_reservation if more than `bytes_max` is there,
  /// errc::disk_full if the disk is about to be full.
  error look();
  /// The same, with the folder walked in any case.
  error look_closely();

private:
  const room_limits limits_;
  std::uint64_t free_at_first_ = 0;
  /// Loss of room at which the folder is walked next.
  std::uint64_t walk_at_ = 0;
};

} // namespace provision
