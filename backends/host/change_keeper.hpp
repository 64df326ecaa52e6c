#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "backends/host/change_bell.hpp"
#include "backends/host/file_descriptor.hpp"

namespace provision {

/// Keeps what stands on a network as it is recorded, on a thread of its own:
/// looks at the start, when somebody changes an interface there, when the
/// process ends that serves it, and when it is told to. What fails is tried
/// again, later and later.
class change_keeper {
public:
  /// Called on the keeper's thread when something had to be restored, with the
  /// error if that failed.
  using listener = std::function<void(const error&)>;

  /// What is called must outlive the keeper.
  struct duties {
    /// Yields whether there was anything to do.
    std::function<expected<bool>()> restore = {};
    listener restored = {};
    /// Namespace whose changes are news; empty: this process's own.
    std::string space = {};
    /// Changes of its filters are news, too.
    bool hears_filters = false;
    /// The process that serves it; not open: it has ended. Nothing: there is to
    /// be none.
    std::function<std::optional<file_descriptor>()> server
      = [] { return std::optional<file_descriptor>{}; };
    /// Between two looks, however much changes.
    std::chrono::milliseconds pause{1000};
  };

  static expected<std::unique_ptr<change_keeper>> start(duties what);

  /// Stops watching; everything stays.
  ~change_keeper();

  change_keeper(const change_keeper&) = delete;
  change_keeper& operator=(const change_keeper&) = delete;

  /// Looks again after the pause: another process may have left something half
  /// done. Thread-safe.
  void look_again() const;

private:
  change_keeper(duties what, change_bell news, file_descriptor end,
                file_descriptor bell);

  void watch();
  void wait(bool failed, int patience) const;

  const duties duties_;
  change_bell news_;
  /// Readable once it is to end; once it is to look again.
  file_descriptor end_;
  file_descriptor bell_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace provision
