#pragma once

#include <chrono>
#include <cstdint>

namespace provision {

/// Exponential back-off with jitter, in the original's proportions.
struct retry_policy {
  std::chrono::milliseconds first{500};
  std::chrono::milliseconds max{15000};
  /// By how much each delay exceeds the one before.
  double growth = 1.5;
  /// How far a delay may stray from its middle, 0 to 1.
  double jitter = 0.5;

  /// How long to wait after failure number `attempt`, counted from 0:
  /// min(max, first * growth^attempt), stretched by 1 - jitter at `random` = 0
  /// up to 1 + jitter at `random` = 1.
  std::chrono::milliseconds next_delay(std::uint32_t attempt,
                                       double random) const noexcept;
};

} // namespace provision
