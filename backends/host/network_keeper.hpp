#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/host_network_backend.hpp"

namespace provision {

/// Keeps recorded networks up, on a thread of its own: brings back at the start
/// what a reboot took, and later every tunnel whose process ends. It sleeps
/// until something happens. One that fails is tried again, later and later.
class network_keeper {
public:
  /// Called on the keeper's thread when a network had to be restored, with the
  /// error if that failed.
  using listener = std::function<void(const std::string& id, const error&)>;

  /// `backend` must outlive the keeper.
  static expected<std::unique_ptr<network_keeper>>
  start(host_network_backend& backend, listener restored);

  /// Stops watching; the networks stay.
  ~network_keeper();

  network_keeper(const network_keeper&) = delete;
  network_keeper& operator=(const network_keeper&) = delete;

  /// Looks at all of them again: another process may have made one.
  /// Thread-safe.
  void look_again() const;

private:
  network_keeper(host_network_backend& backend, listener restored,
                 file_descriptor bell);

  void watch();

  host_network_backend& backend_;
  listener restored_;
  file_descriptor bell_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace provision
