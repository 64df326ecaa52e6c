#pragma once

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "explorer/http_transport.hpp"

namespace provision {

/// A listening socket on the loopback whose connections are played by a
/// function, one after the other; for servers that misbehave byte by byte.
class raw_server {
public:
  /// `play` gets the socket of a connection and its number, from 0.
  using script = std::function<void(int socket, int number)>;

  explicit raw_server(script play) : play_{std::move(play)} {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0
        || ::getsockname(listener_, generic, &size) != 0)
      throw std::runtime_error{"cannot listen on the loopback"};
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }

  raw_server(const raw_server&) = delete;

  ~raw_server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  int port() const { return port_; }
  int accepted() const { return accepted_; }
  /// Connections that it has closed again.
  int closed() const { return closed_; }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_);
  }

private:
  void serve() {
    for (;;) {
      int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0)
        return;
      play_(socket, accepted_++);
      ::close(socket);
      ++closed_;
    }
  }

  script play_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::atomic<int> closed_ = 0;
  std::thread thread_;
};

/// Reads one request with its body; shorter or empty if the peer went away or
/// speaks TLS, in which case it would wait for an answer.
inline std::string read_request(int socket) {
  std::string text;
  for (std::size_t wanted = std::string::npos; text.size() < wanted;) {
    char bytes[4096];
    auto got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0)
      break;
    text.append(bytes, static_cast<std::size_t>(got));
    constexpr char tls_record = 0x16;
    if (text.front() == tls_record)
      break;
    auto end = text.find("\r\n\r\n");
    if (end == std::string::npos)
      continue;
    auto length = text.find("Content-Length: ");
    wanted
      = end + 4 + (length < end ? std::stoul(text.substr(length + 16)) : 0);
  }
  return text;
}

inline void write_text(int socket, std::string_view text) {
  while (!text.empty()) {
    auto sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0)
      return;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

/// A connected socket of the loopback.
inline int connect_to(int port) {
  int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address)
      != 0)
    throw std::runtime_error{"cannot connect to the loopback"};
  return socket;
}

/// Everything that comes until the peer closes.
inline std::string read_all(int socket) {
  std::string text;
  char bytes[4096];
  for (;;) {
    auto got = ::recv(socket, bytes, sizeof bytes, 0);
    if (got <= 0)
      return text;
    text.append(bytes, static_cast<std::size_t>(got));
  }
}

/// Calls `start` with a callback and waits for what the callback gets.
template <class Value, class Start>
Value outcome_of(Start start) {
  auto promise = std::make_shared<std::promise<Value>>();
  auto future = promise->get_future();
  start([promise](Value value) { promise->set_value(std::move(value)); });
  if (future.wait_for(std::chrono::seconds{20}) != std::future_status::ready)
    throw std::runtime_error{"no callback within 20 s"};
  return future.get();
}

inline expected<http_response> fetch(http_transport& transport,
                                     http_request request) {
  return outcome_of<expected<http_response>>(
    [&](auto done) { transport.send(std::move(request), std::move(done)); });
}

} // namespace provision
