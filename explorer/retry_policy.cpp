#include "explorer/retry_policy.hpp"

#include <algorithm>
#include <cmath>

namespace provision {

std::chrono::milliseconds
retry_policy::next_delay(std::uint32_t attempt, double random) const noexcept {
  // pow yields infinity for a long row of failures, and min brings it back.
  auto middle = std::min(static_cast<double>(max.count()),
                         static_cast<double>(first.count())
                           * std::pow(growth, static_cast<double>(attempt)));
  auto stretch = 1.0 - jitter + 2.0 * jitter * std::clamp(random, 0.0, 1.0);
  return std::chrono::milliseconds{std::llround(middle * stretch)};
}

} // namespace provision
