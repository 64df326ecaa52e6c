#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "explorer/http/proxy.hpp"
#include "explorer/http_transport.hpp"

namespace provision {

struct http_transport_options {
  /// The explorer's base URL; only scheme, host and port matter here.
  std::string url = {};
  /// Kept-alive connections, and so requests on their way at once.
  std::size_t connections = 8;
  /// Within which time an explorer answers that gets several PUTs at a time
  /// over one connection; zero: each waits for the answer to the one before.
  std::chrono::microseconds quick_answer{1000};
  /// Largest body of an answer.
  std::size_t response_bytes_max = 64U << 20U;
  /// A connection that was idle for longer is not used again.
  std::chrono::milliseconds idle_timeout{50000};
  /// File with the certificates to trust instead of the system's.
  std::string ca_file = {};
  proxy_settings proxy = {};
  /// Empty: "provisiond/<version>".
  std::string user_agent = {};
};

/// A transport over kept-alive connections, driven by one thread of its own,
/// which also calls the callbacks. A request's deadline counts from `send` and
/// covers everything: waiting for a connection, name look-up, connecting, TLS,
/// sending and receiving. A GET, PUT or DELETE on a kept-alive connection that
/// turns out dead before the first byte of an answer is repeated once. PUTs to
/// an explorer that is quick are pipelined (RFC 9112, 9.3.2): those of several
/// on one connection that got no answer are repeated one by one.
///
/// Its end completes every request with errc::explorer_unreachable and waits
/// for the thread, unless a name look-up that cannot be interrupted is on its
/// way: then the thread ends by itself.
///
/// errc::invalid_configuration for a URL, proxy or CA file that is of no use.
expected<std::shared_ptr<http_transport>>
make_http_transport(http_transport_options options);

} // namespace provision
