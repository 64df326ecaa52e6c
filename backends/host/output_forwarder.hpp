#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/kept_lines.hpp"
#include "backends/host/redis_publisher.hpp"

namespace provision {

struct output_forwarder_options {
  /// What a shim keeps of the stream: path of the youngest file.
  std::string kept = {};
  /// Where the place is noted from which a later forwarder goes on; made if it
  /// is missing.
  std::string place_file = {};
  redis_channel to = {};
  /// For connecting, and for the answer to what is sent at once.
  std::chrono::milliseconds patience{5000};
  /// Whether a connection to this address may be made; asked before each.
  std::function<bool(const workloads::ip_address&)> may_reach = {};
  /// Called on the forwarder's thread: lines arrive (no error), or do not any
  /// more, and why. The reason holds nothing of the reservation's owner but
  /// address and port.
  std::function<void(const error&)> on_change = {};
};

/// Publishes each line of a stream, line feed included, to a channel of a redis
/// server, on a thread of its own, from where an earlier forwarder has stopped.
/// A line may arrive twice if the connection breaks or the machine loses power.
/// What waits is in the shim's files and nowhere else. A server that is away is
/// tried again, later and later.
class output_forwarder {
public:
  /// errc::host_unavailable if there is no thread or descriptor for it.
  static expected<std::unique_ptr<output_forwarder>>
  start(output_forwarder_options options);

  /// Waits for nobody: what was not sent is for the next one.
  ~output_forwarder();

  output_forwarder(const output_forwarder&) = delete;
  output_forwarder& operator=(const output_forwarder&) = delete;

  /// There may be more to send. Returns at once. Thread-safe.
  void ring() const;

  /// Nothing more comes: ends by itself once all is sent, or something cannot
  /// be. Returns at once. Thread-safe.
  void finish() const;

  /// For poll(2): readable once it has ended by itself.
  int over() const { return over_.number(); }

private:
  output_forwarder(output_forwarder_options options, file_descriptor bell,
                   file_descriptor last, file_descriptor end,
                   file_descriptor over, file_descriptor place);

  void work();
  expected<bool> step();
  void note_place() const;
  void tell(const error& failed);
  void wait(int patience_ms) const;

  const output_forwarder_options options_;
  const file_descriptor bell_;
  /// Readable once nothing more comes; once it is to end; once it has.
  const file_descriptor last_;
  const file_descriptor end_;
  const file_descriptor over_;
  const file_descriptor place_;

  // The thread's own.
  kept_lines lines_;
  redis_publisher publisher_;
  std::optional<bool> arrives_ = {};

  std::thread thread_;
};

} // namespace provision
