#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <vector>

#include "bench/replay/measured_source.hpp"

namespace provision::bench {

/// What the threads of an engine under measurement tell the one that waits.
struct run_signals {
  std::mutex mutex = {};
  std::condition_variable changed = {};
  bool ready = false;
  bool history_end = false;
  /// The source, to be told of accepted results in a serial measurement.
  measured_source_actor source = {};
  /// Deadline to decommissioning, milliseconds.
  std::vector<double> lags = {};
  std::atomic<std::size_t> removed = 0;
  /// Lets provisioners go that hang.
  std::atomic<bool> released = false;

  void set(bool run_signals::*what) {
    std::lock_guard lock{mutex};
    this->*what = true;
    changed.notify_all();
  }

  void wake() {
    std::lock_guard lock{mutex};
    changed.notify_all();
  }
};

} // namespace provision::bench
