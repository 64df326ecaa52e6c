#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "http/http_server.hpp"

namespace provision {

class http_session;

/// Whether replies may still reach the server. Replies outlive the server, so
/// they share this with it.
struct http_gate {
  std::mutex mutex = {};
  bool is_open = true;
};

/// What a connection sees of its server.
class http_session_owner {
public:
  http_session_owner(http_server_options options, http_handler handler)
    : options_{std::move(options)}, handler_{std::move(handler)} {}
  virtual ~http_session_owner() = default;

  /// The connection is over.
  virtual void forget(const std::shared_ptr<http_session>& session) = 0;

  const http_server_options& options() const noexcept { return options_; }
  const http_handler& handler() const noexcept { return handler_; }
  const std::shared_ptr<http_gate>& gate() const noexcept { return gate_; }

protected:
  http_server_options options_;
  http_handler handler_;
  std::shared_ptr<http_gate> gate_ = std::make_shared<http_gate>();
};

/// One accepted connection, over any kind of stream socket: requests are
/// answered one after the other, however many the client has sent ahead.
/// Everything but `close` and `take` runs in the socket's executor.
class http_session : public std::enable_shared_from_this<http_session> {
public:
  using socket_type = boost::asio::generic::stream_protocol::socket;

  http_session(socket_type socket, http_session_owner& owner,
               std::optional<http_peer> peer = {});

  void start();

  /// Ends the connection soon; from any thread.
  void close();

  /// Brings the answer to the request being served; from any thread.
  void take(http_server_response response);

private:
  using clock = std::chrono::steady_clock;

  class request_reader;

  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<bool> serve_one();
  boost::asio::awaitable<boost::system::error_code>
  read(request_reader& reader);
  boost::asio::awaitable<bool> refuse(int status);
  boost::asio::awaitable<http_server_response>
  ask(std::function<void(http_reply)> question);
  boost::asio::awaitable<bool> go_on(std::function<void(http_reply)> more,
                                     bool is_chunked);
  boost::asio::awaitable<void> pause(std::chrono::milliseconds delay);
  boost::asio::awaitable<bool> answer(const http_server_response& response,
                                      bool is_chunked, bool has_body,
                                      std::string head, bool may_wait = false);
  boost::asio::awaitable<bool> flush();
  void allow(std::chrono::milliseconds time);
  void watch();
  void end();

  socket_type socket_;
  http_session_owner& owner_;
  std::optional<http_peer> peer_;
  /// When a client is too slow; the timer fires at that time or before, and
  /// looks: it is not touched for each step.
  clock::time_point deadline_ = clock::time_point::max();
  clock::time_point watched_until_ = clock::time_point::max();
  boost::asio::steady_timer watch_;
  /// Never fires, is cancelled when an answer has come.
  boost::asio::steady_timer wake_;
  boost::beast::flat_buffer buffer_;
  /// Answers to requests behind which others have come already.
  std::string unsent_;
  std::optional<http_server_response> response_;
  /// The thread that asks the handler, which may answer before it returns.
  std::atomic<std::thread::id> asking_ = {};
  bool is_ended_ = false;
};

} // namespace provision
