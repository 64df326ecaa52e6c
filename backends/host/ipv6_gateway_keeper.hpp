#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "backends/host/change_bell.hpp"
#include "backends/host/host_ipv6_gateway_backend.hpp"

namespace provision {

/// Keeps the way into the IPv6 internet up, on a thread of its own: brings it
/// back at the start, when its wireguard-go ends, and when somebody changes an
/// interface beside the bridge. What fails is tried again, later and later.
class ipv6_gateway_keeper {
public:
  /// Called on the keeper's thread when it had to be restored, with the error
  /// if that failed.
  using listener = std::function<void(const error&)>;

  /// `backend` must outlive the keeper. After each look news wait for `pause`.
  static expected<std::unique_ptr<ipv6_gateway_keeper>>
  start(host_ipv6_gateway_backend& backend, listener restored,
        std::chrono::milliseconds pause = std::chrono::milliseconds{1000});

  /// Stops watching; everything stays.
  ~ipv6_gateway_keeper();

  ipv6_gateway_keeper(const ipv6_gateway_keeper&) = delete;
  ipv6_gateway_keeper& operator=(const ipv6_gateway_keeper&) = delete;

  /// Looks after the pause: another process may have changed something.
  /// Thread-safe.
  void look_again() const;

private:
  ipv6_gateway_keeper(host_ipv6_gateway_backend& backend, listener restored,
                      std::chrono::milliseconds pause, change_bell news,
                      file_descriptor end, file_descriptor bell);

  void watch();
  void wait(bool failed, int patience) const;

  host_ipv6_gateway_backend& backend_;
  listener restored_;
  const std::chrono::milliseconds pause_;
  change_bell news_;
  /// Readable once it is to end; once clients have changed.
  file_descriptor end_;
  file_descriptor bell_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace provision
