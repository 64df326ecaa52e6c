#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "bench/replay/stream.hpp"
#include "messages/error.hpp"

namespace provision::bench {

/// explorer-sim as a process of its own on a free port of loopback, holding
/// a stream's documents and users. It checks no signatures: the node is
/// measured, not the explorer.
class explorer_process {
public:
  /// errc::explorer_unreachable if it does not come up. Call it before there
  /// are threads.
  static expected<std::unique_ptr<explorer_process>>
  start(const std::string& program, const stream& documents,
        const std::string& folder);

  explorer_process(const explorer_process&) = delete;
  explorer_process& operator=(const explorer_process&) = delete;
  /// Ends it.
  ~explorer_process();

  const std::string& url() const noexcept { return url_; }
  pid_t pid() const noexcept { return pid_; }

private:
  explicit explorer_process(pid_t pid) : pid_{pid} {}

  pid_t pid_;
  std::string url_ = {};
};

/// "<folder of this program>/explorer-sim".
std::string explorer_sim_beside_us();

} // namespace provision::bench
