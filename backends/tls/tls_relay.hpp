#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>

#include "messages/error.hpp"

namespace provision {

/// Carries bytes between a connected local socket and a TLS connection, both
/// ways, until one of them ends; then it ends the other. Everything happens in
/// the thread that runs the executor. Lives until both ways have ended.
class tls_relay : public std::enable_shared_from_this<tls_relay> {
public:
  using tcp = boost::asio::ip::tcp;

  struct settings {
    std::shared_ptr<boost::asio::ssl::context> tls = {};
    boost::asio::ssl::stream_base::handshake_type side
      = boost::asio::ssl::stream_base::client;
    /// Whom the other side's certificate has to name.
    std::string peer = {};
    /// Yields the local socket, whose owner the relay becomes; called once the
    /// other side has shown who it is.
    std::function<expected<int>()> open_near = {};
    /// Called once, with what ended it: "closed the connection". No call comes
    /// after stop().
    std::function<void(const std::string& why)> on_end = {};
  };

  /// `connection` is connected.
  tls_relay(tcp::socket connection, settings given);

  void start();
  /// Ends both sides at once.
  void stop();

private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<error> shake_hands();
  template <class From, class To>
  boost::asio::awaitable<void> carry(From& from, To& to, const char* whose_end);
  std::string reason_of(boost::system::error_code ec) const;
  void end(const std::string& why);

  settings given_;
  boost::asio::ssl::stream<tcp::socket> remote_;
  boost::asio::local::stream_protocol::socket near_;
  boost::asio::steady_timer patience_;
  bool is_over_ = false;
};

/// Notices within half a minute that the other host is gone, also when nobody
/// says anything.
void watch_connection(boost::asio::ip::tcp::socket& connection);

} // namespace provision
