#pragma once

#include <atomic>
#include <cstdint>

namespace provision {

/// How a source's polls went. One actor writes, anybody may read.
struct poll_numbers {
  std::atomic<std::uint64_t> polls = 0;
  std::atomic<std::uint64_t> failures = 0;
  std::atomic<std::uint64_t> documents = 0;
  /// Time spent on waiting for answers, in nanoseconds.
  std::atomic<std::int64_t> waited = 0;
  /// Wall clock of the last answer that was good, in seconds since 1970; 0 if
  /// there was none.
  std::atomic<std::int64_t> last_success = 0;
  /// Whether the last poll had a good answer.
  std::atomic<bool> is_answered = false;
};

} // namespace provision
