#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include <poll.h>

#include "backends/host/usage_forwarder.hpp"
#include "tests/support/patience.hpp"

namespace provision::test {

/// Time for a usage_forwarder that passes when the test says so.
class ticking_pace {
public:
  static constexpr std::int64_t start_seconds = 1'600'000'000;

  sampling_pace pace() {
    return {.clock = std::make_shared<clock>(*this),
            .wait = [this](std::chrono::milliseconds span, int interruption) {
              wait(span, interruption);
            }};
  }

  /// How long the forwarder has asked to wait, in order.
  std::vector<std::chrono::milliseconds> waits() const {
    const std::lock_guard lock{mutex_};
    return waits_;
  }

  /// Once it waits for the `count`-th time: its time passes.
  bool pass(std::size_t count) {
    if (!eventually([&] { return waits().size() >= count; }))
      return false;
    const std::lock_guard lock{mutex_};
    now_ += waits_[count - 1];
    ++passed_;
    return true;
  }

private:
  struct clock final : wall_clock {
    explicit clock(const ticking_pace& its) : time{its} {}
    timestamp now() const override {
      const std::lock_guard lock{time.mutex_};
      return from_unix(
        start_seconds
        + std::chrono::duration_cast<std::chrono::seconds>(time.now_).count());
    }
    const ticking_pace& time;
  };

  void wait(std::chrono::milliseconds span, int interruption) {
    std::size_t number = 0;
    {
      const std::lock_guard lock{mutex_};
      waits_.push_back(span);
      number = waits_.size();
    }
    pollfd end{interruption, POLLIN, 0};
    while (::poll(&end, 1, 1) == 0) {
      const std::lock_guard lock{mutex_};
      if (passed_ >= number)
        return;
    }
  }

  mutable std::mutex mutex_;
  std::vector<std::chrono::milliseconds> waits_;
  std::chrono::milliseconds now_{0};
  std::size_t passed_ = 0;
};

} // namespace provision::test
