#pragma once

#include <chrono>

#include "messages/timestamp.hpp"

/// Times as Prometheus wants them.
namespace provision::metric_times {

/// Seconds since 1970; 0 if it is no time.
inline double unix_seconds(timestamp at) {
  constexpr double nanosecond = 1e-9;
  return at.is_zero() ? 0.0
                      : static_cast<double>(at.seconds)
                          + static_cast<double>(at.nanoseconds) * nanosecond;
}

/// Time since `at`; none if it is to come or is no time.
inline std::chrono::nanoseconds since(timestamp at, timestamp now) {
  return at.is_zero() || now < at ? std::chrono::nanoseconds{0}
                                  : difference(now, at);
}

} // namespace provision::metric_times
