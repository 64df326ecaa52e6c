#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "messages/error.hpp"

namespace provision {

struct http_request {
  /// "GET", "PUT", ...
  std::string method = {};
  /// Path with query, as it goes on the wire: "/api/v1/...".
  std::string target = {};
  /// In wire order; Host, User-Agent and Content-Length are the transport's.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  /// From sending to the last byte of the answer.
  std::chrono::milliseconds deadline{30000};
};

struct http_response {
  int status = 0;
  /// Names in lower case.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};

  /// Value of the first header called `name` (lower case); empty if absent.
  std::string_view header(std::string_view name) const noexcept;
};

/// Carries requests to one HTTP origin. Thread-safe, asynchronous.
class http_transport {
public:
  virtual ~http_transport() = default;

  /// Calls `done` exactly once, on any thread. errc::explorer_unreachable for
  /// whatever kept the exchange from completing (refused, reset, time-out,
  /// half a body, TLS, shutdown); errc::input_too_large for an answer over
  /// the limit. Every status is a success here.
  virtual void send(http_request request,
                    std::function<void(expected<http_response>)> done)
    = 0;
};

} // namespace provision
