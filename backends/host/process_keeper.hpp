#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/supervised_processes.hpp"

namespace provision {

/// Keeps supervised processes up, on a thread of its own: brings back at the
/// start what a reboot or a killed shim took, and tells of those that were
/// given up. It sleeps until something happens; what fails is tried again,
/// later and later.
class process_keeper {
public:
  struct duties {
    /// Makes one that nobody looks after run again; blocks. Yields whether
    /// there was anything to do.
    std::function<expected<bool>(const std::string& id)> restore = {};
    /// Called when there was, with the error if it failed.
    std::function<void(const std::string& id, const error&)> restored = {};
    /// It ended for good without having been told to, and why. An error: it is
    /// told again later.
    std::function<error(const std::string& id, const std::string& why)> lost
      = {};
  };

  /// `processes` must outlive the keeper.
  static expected<std::unique_ptr<process_keeper>>
  start(const supervised_processes& processes, duties what);

  /// Stops watching; the processes stay. Waits for the call in flight.
  ~process_keeper();

  process_keeper(const process_keeper&) = delete;
  process_keeper& operator=(const process_keeper&) = delete;

  /// Looks at all of them again: one may have been added. Thread-safe.
  void look_again() const;

private:
  process_keeper(const supervised_processes& processes, duties what,
                 file_descriptor bell);

  void watch();

  const supervised_processes& processes_;
  duties duties_;
  file_descriptor bell_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace provision
