#pragma once

#include <chrono>
#include <mutex>
#include <optional>

#include "messages/timestamp.hpp"

namespace provision {

/// What the explorer's clock said, carried on by the monotonic clock: a second
/// opinion on the node's wall clock. Thread-safe.
class told_time {
public:
  using moment = std::chrono::steady_clock::time_point;

  /// An answer that was received at `heard` says that it was made at `said`.
  void tell(timestamp said, moment heard);

  /// What the explorer's clock shows at `now`; nothing if it was not heard of
  /// within the last hour.
  std::optional<timestamp> at(moment now) const;

private:
  mutable std::mutex guard_ = {};
  timestamp said_ = {};
  std::optional<moment> heard_ = {};
};

} // namespace provision
