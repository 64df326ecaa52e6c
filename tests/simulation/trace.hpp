#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "tests/simulation/chance.hpp"

namespace provision::simulation {

/// What happened, readable, and as one number that two equal runs share.
class trace {
public:
  explicit trace(std::size_t lines_max = 200) : lines_max_{lines_max} {}

  /// One line; step and time are put before it.
  void note(std::string_view text);

  /// A choice that is not worth a line.
  void mix(std::uint64_t choice) { hash_ = (hash_ ^ choice) * 0x100000001b3U; }

  std::uint64_t hash() const noexcept { return hash_; }
  const std::deque<std::string>& lines() const noexcept { return lines_; }

  std::uint64_t step = 0;
  std::chrono::nanoseconds now{0};

private:
  std::size_t lines_max_;
  std::uint64_t hash_ = 0xcbf29ce484222325U;
  std::deque<std::string> lines_ = {};
};

} // namespace provision::simulation
