#pragma once

#include <utility>

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include "explorer/http/request_text.hpp"
#include "explorer/http_transport.hpp"
#include "messages/error.hpp"

namespace provision {

/// One request on its way, from send to its callback.
struct http_exchange {
  using clock = std::chrono::steady_clock;

  std::string wire = {};
  bool is_head = false;
  /// Doing it twice is the same as doing it once.
  bool is_repeatable = false;
  /// May be sent behind others that have no answer yet, and others behind it.
  bool may_share = false;
  std::function<void(expected<http_response>)> done = {};
  clock::time_point begun = {};
  /// When its time is up.
  clock::time_point due = {};
  /// What is being done, for messages.
  std::string_view step = "waiting for a connection";
  /// The callback was called; whoever works on it may drop it.
  bool is_over = false;
};

/// What all connections of a transport have in common.
struct http_connection_settings {
  request_style style = {};
  std::size_t response_bytes_max = 0;
  std::chrono::milliseconds idle_timeout{0};
  /// Set if the target is https.
  std::unique_ptr<boost::asio::ssl::context> tls = {};
};

/// What went wrong, and on the way to whom.
error exchange_failure(const http_exchange& exchange,
                       const http_connection_settings& settings,
                       const std::string& why, int detail);

using http_exchange_ptr = std::shared_ptr<http_exchange>;

/// One connection, opened when needed and kept. Runs on the transport's thread.
class http_connection {
public:
  http_connection(boost::asio::io_context& context,
                  const http_connection_settings& settings);

  using take_answer
    = std::function<void(http_exchange&, expected<http_response>)>;

  /// The answer to the first of `current`. Gives up soon after its `is_over` is
  /// set and `abort` called.
  boost::asio::awaitable<expected<http_response>> carry_one();

  /// Sends all of `current` at once and takes them out one by one, with their
  /// answers. Those that stay got none from a connection that is no use any
  /// more, and may be sent again. Only on a connection that `is_usable`.
  boost::asio::awaitable<void> carry_all(const take_answer& take);

  /// Open and kept, and nobody says anything on it.
  bool is_usable() const;

  /// Makes what is under way fail.
  void abort();

  /// Whether a name look-up is under way, which nothing can interrupt.
  bool is_looking_up() const noexcept { return is_looking_up_; }

  /// Who is being served, in the order of their answers; the transport's
  /// business.
  std::deque<http_exchange_ptr> current = {};

private:
  using error_code = boost::system::error_code;
  using tcp = boost::asio::ip::tcp;

  /// What became of one try on an open connection.
  struct outcome {
    std::optional<http_response> answer = {};
    error failure = {};
    bool has_answer_begun = false;
  };

  boost::asio::awaitable<error> open(http_exchange& exchange);
  boost::asio::awaitable<error_code> connect(http_exchange& exchange);
  boost::asio::awaitable<error> open_tunnel(http_exchange& exchange);
  boost::asio::awaitable<error> open_tls(http_exchange& exchange);
  boost::asio::awaitable<outcome> converse(http_exchange& exchange);
  boost::asio::awaitable<outcome> receive(http_exchange& exchange,
                                          bool is_last);
  boost::asio::awaitable<error_code> write(const std::string& bytes);
  template <class Stream, class Parser>
  boost::asio::awaitable<error_code> read(Stream& stream, Parser& parser);
  error failed(const http_exchange& exchange, error_code ec) const;
  void close();

  const http_connection_settings& settings_;
  tcp::resolver resolver_;
  tcp::socket socket_;
  std::optional<boost::asio::ssl::stream<tcp::socket&>> tls_;
  boost::beast::flat_buffer buffer_;
  http_exchange::clock::time_point idle_since_ = {};
  bool is_looking_up_ = false;
};

} // namespace provision
