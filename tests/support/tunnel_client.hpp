#pragma once

#include <algorithm>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "router/yamux.hpp"
#include "tests/support/gateway_town.hpp"

namespace provision::test {

/// What a client of a tcprouter says first.
inline std::string greeting(const std::string& secret) {
  return std::string{"\x11\x11"} + static_cast<char>(secret.size() >> 8U)
         + static_cast<char>(secret.size() & 0xffU) + secret;
}

/// A client of the node's router, on a thread of its own: dials in, says its
/// secret, and connects every visitor with a server of the house, by what he
/// says first: TLS or not.
class tunnel_client {
public:
  explicit tunnel_client(const std::string& secret, std::uint16_t port = 18000)
    : session_{connect_to(gateway_address, port)} {
    BOOST_REQUIRE(session_);
    send({yamux::frame_type::window_update, yamux::syn, 1, 0}, {});
    const auto said = greeting(secret);
    send(
      {yamux::frame_type::data, 0, 1, static_cast<std::uint32_t>(said.size())},
      said);
    thread_ = std::thread{[this] { live(); }};
  }

  ~tunnel_client() {
    const std::uint64_t one = 1;
    (void)!::write(end_.number(), &one, sizeof one);
    thread_.join();
  }

  tunnel_client(const tunnel_client&) = delete;
  tunnel_client& operator=(const tunnel_client&) = delete;

private:
  struct stream {
    file_descriptor server = {};
    std::uint32_t window = yamux::window_size;
    bool server_done = false;
    bool visitor_done = false;
  };

  void live() {
    for (;;) {
      std::vector<pollfd> events{{end_.number(), POLLIN, 0},
                                 {session_.number(), POLLIN, 0}};
      std::vector<std::uint32_t> ids;
      for (const auto& [id, one] : streams_)
        if (one.server && !one.server_done && one.window > 0) {
          events.push_back({one.server.number(), POLLIN, 0});
          ids.push_back(id);
        }
      ::poll(events.data(), events.size(), -1);
      if (events[0].revents != 0 || (events[1].revents != 0 && !heard()))
        return;
      for (std::size_t i = 0; i < ids.size(); ++i)
        if (events[i + 2].revents != 0)
          pass_back(ids[i]);
    }
  }

  /// False if the router hung up.
  bool heard() {
    const auto head = receive(yamux::header_size);
    const auto what = yamux::read(head);
    if (!what)
      return false;
    if (what->type == yamux::frame_type::ping) {
      send({yamux::frame_type::ping, yamux::ack, 0, what->length}, {});
      return true;
    }
    const auto data = what->type == yamux::frame_type::data
                        ? receive(what->length)
                        : std::string{};
    if (what->stream == 1)
      return true;
    auto& one = streams_[what->stream];
    if ((what->flags & yamux::syn) != 0)
      send({yamux::frame_type::window_update, yamux::ack, what->stream, 0}, {});
    if ((what->flags & yamux::rst) != 0) {
      streams_.erase(what->stream);
      return true;
    }
    if (what->type == yamux::frame_type::window_update)
      one.window += what->length;
    if (!data.empty())
      pass_on(what->stream, one, data);
    if ((what->flags & yamux::fin) != 0) {
      one.visitor_done = true;
      ::shutdown(one.server.number(), SHUT_WR);
      part(what->stream);
    }
    return true;
  }

  void pass_on(std::uint32_t id, stream& one, const std::string& data) {
    constexpr char hello = 0x16;
    if (!one.server)
      one.server = connect_to(house_address, data[0] == hello ? 8443 : 8080);
    say(one.server.number(), data);
    send({yamux::frame_type::window_update, 0, id,
          static_cast<std::uint32_t>(data.size())},
         {});
  }

  void pass_back(std::uint32_t id) {
    auto& one = streams_[id];
    std::string chunk(std::min<std::uint32_t>(one.window, 32768), '\0');
    const auto got = ::recv(one.server.number(), chunk.data(), chunk.size(), 0);
    if (got <= 0) {
      one.server_done = true;
      send({yamux::frame_type::window_update, yamux::fin, id, 0}, {});
      return part(id);
    }
    chunk.resize(static_cast<std::size_t>(got));
    one.window -= static_cast<std::uint32_t>(got);
    send({yamux::frame_type::data, 0, id, static_cast<std::uint32_t>(got)},
         chunk);
  }

  void part(std::uint32_t id) {
    if (streams_[id].server_done && streams_[id].visitor_done)
      streams_.erase(id);
  }

  std::string receive(std::size_t size) const {
    std::string bytes(size, '\0');
    const auto got = ::recv(session_.number(), bytes.data(), size, MSG_WAITALL);
    bytes.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    return bytes;
  }

  void send(const yamux::header& what, const std::string& payload) const {
    say(session_.number(), yamux::write(what) + payload);
  }

  file_descriptor session_;
  file_descriptor end_{::eventfd(0, EFD_CLOEXEC)};
  std::map<std::uint32_t, stream> streams_ = {};
  std::thread thread_ = {};
};

} // namespace provision::test
