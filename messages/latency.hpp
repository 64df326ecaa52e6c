#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace provision {

/// How often something took how long, in fixed ranges: from 100 microseconds
/// to an hour. Counts only; whoever owns it guards it.
class latency {
public:
  /// Upper ends of the ranges, inclusive, in nanoseconds; one more range lies
  /// behind the last.
  static constexpr std::array<std::int64_t, 20> ends{
    100'000,        250'000,        500'000,         1'000'000,
    2'500'000,      5'000'000,      10'000'000,      25'000'000,
    50'000'000,     100'000'000,    250'000'000,     500'000'000,
    1'000'000'000,  2'500'000'000,  5'000'000'000,   10'000'000'000,
    30'000'000'000, 60'000'000'000, 600'000'000'000, 3'600'000'000'000};

  /// Negative spans count as none.
  void observe(std::chrono::nanoseconds span) noexcept {
    auto length = std::max<std::int64_t>(span.count(), 0);
    auto range = std::lower_bound(ends.begin(), ends.end(), length);
    ++counts_[static_cast<std::size_t>(range - ends.begin())];
    ++count_;
    sum_ += std::chrono::nanoseconds{length};
  }

  /// How many fell into each range alone.
  const std::array<std::uint64_t, ends.size() + 1>& counts() const noexcept {
    return counts_;
  }
  std::uint64_t count() const noexcept { return count_; }
  std::chrono::nanoseconds sum() const noexcept { return sum_; }

private:
  std::array<std::uint64_t, ends.size() + 1> counts_ = {};
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds sum_{0};
};

} // namespace provision
