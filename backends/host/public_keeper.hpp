#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "backends/host/change_bell.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/host_public_ip_backend.hpp"

namespace provision {

/// Keeps the filter of public addresses loaded and their machines connected,
/// on a thread of its own: looks at the start, and whenever somebody has
/// changed a filter or an interface beside the bridge. What fails is tried
/// again, later and later.
class public_keeper {
public:
  /// Called on the keeper's thread when something had to be restored, with the
  /// error if that failed.
  using listener = std::function<void(const error&)>;

  /// `backend` must outlive the keeper. `pause`: between two looks, however
  /// much changes.
  static expected<std::unique_ptr<public_keeper>>
  start(host_public_ip_backend& backend, listener restored,
        std::chrono::milliseconds pause = std::chrono::milliseconds{200});

  /// Stops watching; everything stays.
  ~public_keeper();

  public_keeper(const public_keeper&) = delete;
  public_keeper& operator=(const public_keeper&) = delete;

private:
  public_keeper(host_public_ip_backend& backend, listener restored,
                std::chrono::milliseconds pause, change_bell news,
                file_descriptor end);

  void watch();

  host_public_ip_backend& backend_;
  listener restored_;
  std::chrono::milliseconds pause_;
  change_bell news_;
  file_descriptor end_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace provision
