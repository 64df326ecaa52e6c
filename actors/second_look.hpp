#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace provision {

/// A point on a clock that never jumps; the actor system's.
using moment = std::chrono::steady_clock::time_point;

/// What a source asked its sender.
struct page_question {
  /// First reservation of interest.
  std::uint64_t from = 0;
  moment at = {};
};

/// Numbers of reservations, both ends included.
struct number_range {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
};

/// Which reported reservations have to be asked for again. A result that the
/// explorer takes ends what waits in its queue for the same reservation, also a
/// deletion that its user has just ordered; the explorer's list still shows it.
/// A page counts as a second look at what was taken before it was asked for.
class second_look {
public:
  /// The explorer has taken results of these reservations by now.
  void taken(number_range numbers, moment now) {
    auto all = waiting_.value_or(numbers);
    waiting_
      = {std::min(all.low, numbers.low), std::max(all.high, numbers.high)};
    since_ = now;
  }

  /// A page that answers `asked` and ends before `next` is remembered.
  void looked(const page_question& asked, std::uint64_t next) {
    if (!waiting_ || asked.at < since_ || asked.from > waiting_->low)
      return;
    if (next > waiting_->high)
      waiting_.reset();
    else
      waiting_->low = std::max(waiting_->low, next);
  }

  /// First reservation that has to be asked for again.
  std::optional<std::uint64_t> from() const {
    return waiting_ ? std::optional{waiting_->low} : std::nullopt;
  }

private:
  std::optional<number_range> waiting_ = {};
  /// The last of them was taken.
  moment since_ = {};
};

} // namespace provision
