#pragma once

#include <utility>

#include <chrono>
#include <cstddef>
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
#include <boost/asio/steady_timer.hpp>
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
  std::function<void(expected<http_response>)> done = {};
  clock::time_point begun = {};
  std::chrono::milliseconds allowed{};
  /// Ends the exchange when its time is up.
  std::optional<boost::asio::steady_timer> timer = {};
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

/// One connection, opened when needed and kept. Runs on the transport's
/// thread; carries one exchange at a time.
class http_connection {
public:
  http_connection(boost::asio::io_context& context,
                  const http_connection_settings& settings);

  /// The answer to `exchange`, which must outlive this. Gives up soon after
  /// `exchange.is_over` is set and `abort` called.
  boost::asio::awaitable<expected<http_response>>
  carry(http_exchange& exchange);

  /// Makes what is under way fail.
  void abort();

  /// Whether a name look-up is under way, which nothing can interrupt.
  bool is_looking_up() const noexcept { return is_looking_up_; }

  /// Who is being served; the transport's business.
  std::shared_ptr<http_exchange> current = {};

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
  boost::asio::awaitable<error_code> write(const std::string& bytes);
  template <class Stream, class Parser>
  boost::asio::awaitable<error_code> read(Stream& stream, Parser& parser);
  error failed(const http_exchange& exchange, error_code ec) const;
  bool is_usable() const;
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
