#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "messages/error.hpp"
#include "messages/reservation_type.hpp"

namespace provision {

/// How far somebody has read what a workload writes. A file stays the same when
/// it is renamed, so a place outlasts the rotation of files.
struct output_place {
  std::uint64_t file = 0;
  std::uint64_t offset = 0;

  bool operator==(const output_place&) const = default;
};

struct output_piece {
  /// As it was written, any bytes.
  std::string text = {};
  /// Where what comes next begins.
  output_place next = {};
  /// What was written behind the asked place is gone in part.
  bool has_gap = false;
};

/// Standard output and error of a workload's processes, as far as they are
/// kept.
struct output_reader {
  /// At most so much at once.
  static constexpr std::uint64_t bytes_max = 256U << 10U;

  /// The last `lines`, of at most `bytes_max`. `id` as its back-end knows it.
  /// errc::no_such_reservation: nothing of it is kept, or such workloads write
  /// nothing.
  std::function<expected<output_piece>(
    const reservation_type& type, const std::string& id, std::uint64_t lines)>
    tail = {};
  /// What was written after `from`.
  std::function<expected<output_piece>(
    const reservation_type& type, const std::string& id, output_place from)>
    after = {};
};

} // namespace provision
