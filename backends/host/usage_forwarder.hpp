#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/redis_publisher.hpp"
#include "backends/host/usage_sample.hpp"
#include "messages/timestamp.hpp"

namespace provision {

/// By poll(2).
void wait_for_real(std::chrono::milliseconds span, int interruption);

/// How a sampler passes the time, so that tests need not.
struct sampling_pace {
  /// The original's.
  std::chrono::milliseconds period{2000};
  /// For the time of a sample.
  std::shared_ptr<const wall_clock> clock = {};
  /// Waits so long, or until `interruption` is readable.
  std::function<void(std::chrono::milliseconds span, int interruption)> wait
    = wait_for_real;
};

struct usage_forwarder_options {
  redis_channel to = {};
  sampling_pace pace = {};
  /// See redis_publisher_options.
  std::chrono::milliseconds patience{5000};
  std::function<bool(const workloads::ip_address&)> may_reach = {};
  /// On the forwarder's thread. An error: nothing to tell at this moment.
  std::function<expected<usage_sample>()> measure = {};
  /// As output_forwarder_options has it.
  std::function<void(const error&)> on_change = {};
};

/// Measures a container again and again and publishes what it uses to a channel
/// of a redis server, on a thread of its own. What cannot be sent is not kept:
/// the next sample says more. A server that is away is tried again after 1 s,
/// twice as long each time, at most 60 s.
class usage_forwarder {
public:
  /// errc::host_unavailable if there is no thread or descriptor for it.
  static expected<std::unique_ptr<usage_forwarder>>
  start(usage_forwarder_options options);

  /// Waits for nobody.
  ~usage_forwarder();

  usage_forwarder(const usage_forwarder&) = delete;
  usage_forwarder& operator=(const usage_forwarder&) = delete;

private:
  usage_forwarder(usage_forwarder_options options, file_descriptor end);

  void work();
  bool is_to_end() const;
  void tell(const error& failed);

  const usage_forwarder_options options_;
  /// Readable once it is to end.
  const file_descriptor end_;

  // The thread's own.
  redis_publisher publisher_;
  std::optional<bool> arrives_ = {};

  std::thread thread_;
};

} // namespace provision
