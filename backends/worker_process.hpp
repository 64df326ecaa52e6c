#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "messages/error.hpp"

namespace provision {

/// A process that serves one workload type, seen from the daemon that started
/// it. It does not outlive its owner: ending this object kills the process and
/// sees to it that its entry goes away, without waiting for either.
class worker_process {
public:
  worker_process() = default;
  worker_process(const worker_process&) = delete;
  worker_process& operator=(const worker_process&) = delete;
  virtual ~worker_process() = default;

  /// The daemon's end of the socket between the two, a connected stream. The
  /// caller owns it from now on; to be called once.
  virtual int take_socket() = 0;

  /// Ends it at once, whatever it does; nothing if it has ended.
  virtual void kill() = 0;

  /// How it ended: "was killed by signal 11 (Segmentation fault)", "ended with
  /// code 1". Nothing while it runs.
  virtual std::optional<std::string> ending() = 0;
};

/// Starts a worker; the error says what the host refused.
using worker_launcher
  = std::function<expected<std::unique_ptr<worker_process>>()>;

} // namespace provision
