#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "messages/error.hpp"

namespace provision {

/// Who is at the other end of a unix socket, as the kernel says.
struct http_peer {
  std::uint32_t user = 0;
  /// The process's group, then its supplementary ones.
  std::vector<std::uint32_t> groups = {};
  std::int32_t process = 0;
};

struct http_server_options {
  std::string address = "127.0.0.1";
  /// 0 lets the system choose; see http_server::port.
  std::uint16_t port = 0;
  /// Listens at this path instead; a socket that nobody serves any more is
  /// replaced, and the own one is removed at the end.
  std::string unix_path = {};
  /// Who may connect to the path: the file's permissions.
  unsigned unix_mode = 0600;
  /// Whom to serve at the path; null: everybody who may connect. Others get a
  /// 403 at once and take no connection. Called on an io thread.
  std::function<bool(const http_peer&)> admit = {};
  /// A larger body is answered with 413.
  std::size_t body_bytes_max = 8U << 20U;
  /// Larger headers are answered with 431.
  std::size_t header_bytes_max = 64U << 10U;
  /// Further connections wait in the listening queue until one closes.
  std::size_t connections_max = 256;
  /// How long a connection may take from one answer to the end of the next
  /// request's headers.
  std::chrono::milliseconds idle_timeout{60000};
  /// How long a client may take to deliver a body or to take an answer.
  std::chrono::milliseconds transfer_timeout{10000};
  std::size_t io_threads = 1;
};

struct http_server_request {
  std::string method = {};
  /// As on the wire: path with query, or an absolute URL if sent to a proxy.
  std::string target = {};
  /// In wire order, names in lower case. Values may hold bytes above 0x7f.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  /// Set for connections over a unix socket.
  std::optional<http_peer> peer = {};

  /// Value of the first header called `name` (lower case); empty if absent.
  std::string_view header(std::string_view name) const noexcept;
};

/// What goes wrong with an answer; for simulations.
enum class http_fault : std::uint8_t {
  none,
  /// The connection is closed without an answer.
  close,
  /// The connection is reset without an answer.
  reset,
  /// The answer stops after `http_server_response::truncate_after` body bytes.
  truncate,
};

struct http_server_response;

/// Answers one request; may be called later, from any thread, once. A reply
/// that is dropped unused answers with 500.
using http_reply = std::function<void(http_server_response)>;

struct http_server_response {
  int status = 200;
  /// Content-Length, Transfer-Encoding and Connection are the server's.
  std::vector<std::pair<std::string, std::string>> headers = {};
  std::string body = {};
  /// Sends the body in chunks instead of naming its length.
  bool is_chunked = false;
  /// Closes the connection after the answer.
  bool is_last = false;
  /// Waits before anything else is done.
  std::chrono::milliseconds delay{0};
  http_fault fault = http_fault::none;
  std::size_t truncate_after = 0;
  /// If set, the answer goes on behind `body`: asked for the next piece each
  /// time the client has taken the last one, until a piece `is_last`. Only a
  /// piece's body counts; an empty one sends nothing.
  std::function<void(http_reply)> more = {};
};

/// Takes a request. Called on an io thread, so it must not block; what it
/// throws becomes a 500. With several io threads it is called concurrently.
using http_handler
  = std::function<void(const http_server_request& request, http_reply reply)>;

/// A small HTTP/1.1 server with kept-alive connections, over TCP or a unix
/// socket.
class http_server {
public:
  /// Listens and serves. errc::invalid_configuration for an address, port or
  /// path that cannot be used.
  static expected<std::unique_ptr<http_server>>
  start(http_server_options options, http_handler handler);

  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;
  ~http_server();

  /// The port that it listens on; 0 for a path.
  std::uint16_t port() const noexcept;

  /// Connections accepted since the start.
  std::uint64_t accepted() const noexcept;

  /// Closes every connection and waits for the threads; replies that come
  /// later are dropped. Safe to repeat; not to be called by the handler.
  void stop();

private:
  class core;
  explicit http_server(std::unique_ptr<core> parts);
  std::unique_ptr<core> core_;
};

} // namespace provision
