#pragma once

#include <chrono>
#include <optional>

namespace provision {

/// Remembers how long an explorer takes for an answer lately.
class answer_pace {
public:
  using duration = std::chrono::steady_clock::duration;

  /// `count` answers came after `span`.
  void note(duration span, std::size_t count) {
    constexpr int memory = 8;
    auto each = span / static_cast<int>(count);
    each_ = each_ ? (*each_ * (memory - 1) + each) / memory : each;
  }

  /// Whether it is known and `limit` at most.
  bool is_within(duration limit) const { return each_ && *each_ <= limit; }

private:
  std::optional<duration> each_ = {};
};

} // namespace provision
