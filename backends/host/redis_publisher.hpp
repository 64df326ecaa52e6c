#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backends/host/resp_client.hpp"
#include "backends/output_target.hpp"

namespace provision {

struct redis_publisher_options {
  redis_channel to = {};
  /// For connecting, and for the answer to what is sent at once.
  std::chrono::milliseconds patience{5000};
  /// See resp_limits.
  int interruption = -1;
  /// Whether a connection to this address may be made; asked before each.
  std::function<bool(const workloads::ip_address&)> may_reach = {};
};

/// Says things of a customer's on a channel of a redis server that he named,
/// and to nobody else: the other side is asked whether it is one first, because
/// who speaks another protocol might do what he is told. One thread at a time.
class redis_publisher {
public:
  explicit redis_publisher(redis_publisher_options options);

  /// Connects if it is not connected. After an error it is not.
  /// errc::shutting_down if it was interrupted; the reason of others holds
  /// nothing of the customer's but address and port.
  error publish(const std::vector<std::string>& texts);

private:
  error connect();
  error deliver(const std::vector<std::string>& texts);

  const redis_publisher_options options_;
  std::optional<resp_client> client_ = {};
};

} // namespace provision
