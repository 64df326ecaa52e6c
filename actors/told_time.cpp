#include "actors/told_time.hpp"

namespace provision {

namespace {

/// A node that polls hears the explorer every few seconds. An older opinion
/// says more about the monotonic clock, which stands while a host sleeps.
constexpr std::chrono::hours age_max{1};

} // namespace

void told_time::tell(timestamp said, moment heard) {
  std::lock_guard lock{guard_};
  said_ = said;
  heard_ = heard;
}

std::optional<timestamp> told_time::at(moment now) const {
  std::lock_guard lock{guard_};
  if (!heard_ || now - *heard_ > age_max)
    return std::nullopt;
  return saturating_add(said_, now - *heard_);
}

} // namespace provision
