#pragma once

#include <chrono>
#include <memory>
#include <utility>

#include "messages/timestamp.hpp"

namespace provision::simulation {

/// The node's wall clock: the true time, until it jumps.
class skewed_clock final : public wall_clock {
public:
  explicit skewed_clock(std::shared_ptr<const wall_clock> truth)
    : truth_{std::move(truth)} {}

  timestamp now() const override {
    return saturating_add(truth_->now(), ahead);
  }

  /// How far it is ahead of the truth.
  std::chrono::nanoseconds ahead{0};

private:
  std::shared_ptr<const wall_clock> truth_;
};

} // namespace provision::simulation
