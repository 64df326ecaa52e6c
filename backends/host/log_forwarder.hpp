#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "backends/debug_backend.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/resp_client.hpp"

namespace provision {

struct log_forwarder_options {
  /// Lines that wait, bytes of all and of one; what is longer is cut.
  std::size_t waiting_bytes_max = 1U << 20U;
  std::size_t line_bytes_max = 16U << 10U;
  /// For connecting, and for the answer to what is sent at once.
  std::chrono::milliseconds patience{5000};
  /// Called on the forwarder's thread: lines arrive (no error), or do not any
  /// more, and why.
  std::function<void(const error&)> on_change = [](const error&) {};
};

/// Publishes lines to a channel of a redis server, on a thread of its own. What
/// cannot be sent waits in memory; if that is full the oldest give way, and how
/// many is said as soon as there is somebody to say it to. A server that is
/// away is tried again, later and later. A line may arrive twice if the
/// connection breaks.
class log_forwarder {
public:
  /// errc::host_unavailable if there is no thread or descriptor for it.
  static expected<std::unique_ptr<log_forwarder>>
  start(debug_order order, log_forwarder_options options = {});

  /// Waits for nobody: what was not sent is lost.
  ~log_forwarder();

  log_forwarder(const log_forwarder&) = delete;
  log_forwarder& operator=(const log_forwarder&) = delete;

  /// Takes a line; returns at once. Thread-safe.
  void offer(std::string_view line);

  std::uint64_t sent() const { return sent_; }
  std::uint64_t dropped() const;
  const debug_order& order() const { return order_; }

private:
  log_forwarder(debug_order order, log_forwarder_options options,
                file_descriptor bell, file_descriptor end);

  void work();
  void take();
  error deliver();
  void wait(int patience_ms) const;

  const debug_order order_;
  const log_forwarder_options options_;
  file_descriptor bell_;
  /// Readable once it is to end.
  file_descriptor end_;
  std::atomic<std::uint64_t> sent_{0};

  mutable std::mutex mutex_;
  std::deque<std::string> waiting_;
  std::size_t waiting_bytes_ = 0;
  std::uint64_t dropped_ = 0;

  // The thread's own.
  std::vector<std::string> in_hand_;
  std::uint64_t dropped_told_ = 0;
  std::optional<resp_client> client_;

  std::thread thread_;
};

} // namespace provision
