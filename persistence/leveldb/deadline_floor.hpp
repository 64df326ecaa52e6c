#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "messages/timestamp.hpp"

namespace provision {

/// A time that no stored deadline is before. Rows that were removed at the
/// front of an index stay there as marks until LevelDB merges its tables; a
/// look for what is due begins behind them.
class deadline_floor {
public:
  timestamp at() const noexcept { return at_; }

  /// A look from the floor on found this deadline first; end_of_time: none.
  void found_first(timestamp deadline) noexcept { at_ = deadline; }

  /// This deadline may be stored from now on.
  void added(timestamp deadline) noexcept { at_ = std::min(at_, deadline); }

private:
  timestamp at_ = {std::numeric_limits<std::int64_t>::min(), 0};
};

} // namespace provision
