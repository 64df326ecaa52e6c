#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/local/stream_protocol.hpp>

#include "router/yamux.hpp"

namespace provision::router {

using visitor_socket = boost::asio::local::stream_protocol::socket;

/// One visitor's connection, carried as one stream of a client's session. Takes
/// no more from either side than the other can take. One thread.
class channel : public std::enable_shared_from_this<channel> {
public:
  /// What it needs of its session, which outlives it.
  struct carrier {
    /// Sends a frame to the client.
    std::function<void(const yamux::header&, std::string payload)> send = {};
    /// Whether the session has room for more data.
    std::function<bool()> has_room = {};
    /// It is over.
    std::function<void(std::uint32_t id)> done = {};
  };

  channel(std::uint32_t id, visitor_socket visitor, carrier by);

  void start() { listen(); }
  /// Data of the client; false if it is more than its window allows.
  bool take(std::string bytes);
  /// The client took some.
  void grow(std::uint32_t more);
  /// The session has room again.
  void resume() { listen(); }
  /// The client says no more.
  void finish();
  /// Both sides at once; says nothing to the client.
  void close();

private:
  void listen();
  void heard(std::size_t size);
  void visitor_is_done();
  void speak();
  void spoken(std::size_t size);
  void part_if_over();
  void reset();

  std::uint32_t id_;
  visitor_socket visitor_;
  carrier by_;
  std::array<char, 16384> chunk_{};
  std::deque<std::string> to_visitor_;
  /// What we may still send, and what the client may.
  std::uint32_t send_window_ = yamux::window_size;
  std::uint32_t receive_window_ = yamux::window_size;
  /// Passed on since the client was told last.
  std::uint32_t passed_on_ = 0;
  bool is_listening_ = false;
  bool is_speaking_ = false;
  bool visitor_done_ = false;
  bool client_done_ = false;
  bool is_closed_ = false;
};

} // namespace provision::router
