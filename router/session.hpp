#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "router/channel.hpp"
#include "router/yamux.hpp"

namespace provision::router {

/// One client that dialled in: it opens a stream of its own and says its secret
/// there (two bytes 0x1111, two of length, the secret); from then on it gets a
/// stream for every visitor. Whoever breaks the protocol is hung up on. One
/// thread.
class session : public std::enable_shared_from_this<session> {
public:
  struct duties {
    /// Whether somebody with this secret is waited for.
    std::function<bool(session&, const std::string& secret)> admit = {};
    /// It is over; called once.
    std::function<void(session&)> ended = {};
  };

  session(boost::asio::ip::tcp::socket client, duties what);

  /// `patience`: until it has said its secret.
  void start(std::chrono::milliseconds patience);

  /// Carries a visitor's connection to the client.
  void carry(visitor_socket visitor);

  /// Hangs up on client and visitors.
  void close();

private:
  void listen();
  void heard(const yamux::header& what);
  void heard_data(const yamux::header& what, std::string payload);
  void heard_of_stream(const yamux::header& what, std::string payload);
  void heard_of_greeting(const yamux::header& what, const std::string& payload);
  void send(const yamux::header& what, std::string payload);
  void write();

  boost::asio::ip::tcp::socket client_;
  boost::asio::steady_timer timer_;
  duties duties_;
  std::array<char, yamux::header_size> head_{};
  std::string payload_ = {};
  std::deque<std::string> outgoing_;
  std::size_t outgoing_bytes_ = 0;
  std::map<std::uint32_t, std::shared_ptr<channel>> channels_;
  /// Ours are even.
  std::uint32_t next_stream_ = 2;
  /// The client's own stream; 0: not opened yet.
  std::uint32_t greeting_stream_ = 0;
  std::string greeting_ = {};
  bool is_admitted_ = false;
  bool is_writing_ = false;
  bool is_closed_ = false;
};

} // namespace provision::router
