#pragma once

#include <optional>
#include <string>

#include "explorer/http/origin.hpp"
#include "explorer/http_transport.hpp"

namespace provision {

/// How requests look that go to one origin, directly or through a proxy.
struct request_style {
  origin target = {};
  /// Set: this proxy stands in between.
  std::optional<origin> proxy = {};
  std::string user_agent = {};
};

/// The bytes of a request, in the original's header order: Host, User-Agent,
/// Content-Length (POST and PUT, or with a body), then the request's own.
/// errc::malformed_input if a part would break the message apart.
expected<std::string> request_text(const http_request& request,
                                   const request_style& style);

/// The bytes that ask the proxy for a tunnel to the target.
std::string connect_text(const request_style& style);

} // namespace provision
