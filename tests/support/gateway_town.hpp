#pragma once

#include <atomic>
#include <cstring>
#include <fstream>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <openssl/ssl.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/command.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/scratch_folder.hpp"

namespace provision::test {

/// Where the gateway is, and where the servers are that it passes things to.
inline constexpr const char* gateway_address = "203.0.113.1";
inline constexpr const char* house_address = "203.0.113.2";

/// `ip` in the calling thread's network; what failed.
inline error try_ip(std::vector<std::string> words) {
  const auto done = run({.program = find_program("ip", "iproute2").value(),
                         .arguments = std::move(words)});
  return done ? error{} : done.error();
}

inline void ip_in_this_thread(std::vector<std::string> words) {
  const auto failed = try_ip(std::move(words));
  BOOST_REQUIRE_MESSAGE(!failed, failed.message);
}

/// A network of this thread's own, and of all that it starts from now on: no
/// other test's ports, nothing that could stay on the host.
class own_network {
public:
  own_network() {
    BOOST_REQUIRE(before_);
    BOOST_REQUIRE_EQUAL(::unshare(CLONE_NEWNET), 0);
    ip_in_this_thread({"link", "set", "lo", "up"});
  }
  ~own_network() { ::setns(before_.number(), CLONE_NEWNET); }
  own_network(const own_network&) = delete;
  own_network& operator=(const own_network&) = delete;

private:
  file_descriptor before_{
    ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)};
};

inline sockaddr_in socket_name(const std::string& address, std::uint16_t port) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  return name;
}

/// Listens; not open if it cannot.
inline file_descriptor listen_at(const std::string& address,
                                 std::uint16_t port) {
  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const auto name = socket_name(address, port);
  if (::bind(socket.number(), reinterpret_cast<const sockaddr*>(&name),
             sizeof name)
        != 0
      || ::listen(socket.number(), 16) != 0)
    socket.close();
  return socket;
}

/// Connected, and impatient; not open if nobody listens.
inline file_descriptor connect_to(const std::string& address,
                                  std::uint16_t port) {
  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  constexpr timeval patience{.tv_sec = 10, .tv_usec = 0};
  ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof patience);
  const auto name = socket_name(address, port);
  if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&name),
                sizeof name)
      != 0)
    socket.close();
  return socket;
}

/// What comes until the other side says no more, or `enough` says so.
inline std::string hear(
  int socket, const std::function<bool(const std::string&)>& enough
              = [](const std::string&) { return false; }) {
  std::string heard;
  char chunk[2048];
  while (!enough(heard)) {
    const auto got = ::recv(socket, chunk, sizeof chunk, 0);
    if (got <= 0)
      break;
    heard.append(chunk, static_cast<std::size_t>(got));
  }
  return heard;
}

inline bool is_request(const std::string& text) {
  return text.find("\r\n\r\n") != std::string::npos;
}

inline void say(int socket, const std::string& text) {
  (void)::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
}

inline std::string answer(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size())
         + "\r\nConnection: close\r\n\r\n" + body;
}

using openssl_context = openssl_handle<SSL_CTX>;

/// A thread in a network of its own, at house_address, with a cable to the
/// network of the thread that makes it.
class neighbour {
public:
  /// `live` runs there: it says through `open` that it is ready, and returns
  /// once `end` is readable.
  using life = std::function<void(std::promise<void>& open, int end)>;

  explicit neighbour(life live) : live_{std::move(live)} {
    std::promise<std::string> moved;
    std::promise<void> wired;
    auto link_there = wired.get_future();
    auto place = moved.get_future();
    std::promise<void> open;
    auto is_open = open.get_future();
    thread_ = std::thread{
      [this, moved = std::move(moved), link_there = std::move(link_there),
       open = std::move(open)]() mutable { arrive(moved, link_there, open); }};
    const auto thread = place.get();
    ip_in_this_thread({"link", "add", "gate", "type", "veth", "peer", "name",
                       "house", "netns", thread});
    ip_in_this_thread(
      {"address", "add", std::string{gateway_address} + "/24", "dev", "gate"});
    ip_in_this_thread({"link", "set", "gate", "up"});
    wired.set_value();
    is_open.get();
  }

  ~neighbour() {
    const std::uint64_t one = 1;
    (void)!::write(end_.number(), &one, sizeof one);
    thread_.join();
    (void)try_ip({"link", "delete", "gate"});
  }

  neighbour(const neighbour&) = delete;
  neighbour& operator=(const neighbour&) = delete;

private:
  void arrive(std::promise<std::string>& moved, std::future<void>& link_there,
              std::promise<void>& open) {
    if (::unshare(CLONE_NEWNET) != 0)
      std::abort();
    moved.set_value(std::to_string(::syscall(SYS_gettid)));
    link_there.get();
    // A failure shows when nobody can be reached here.
    (void)try_ip(
      {"address", "add", std::string{house_address} + "/24", "dev", "house"});
    (void)try_ip({"link", "set", "house", "up"});
    live_(open, end_.number());
  }

  life live_;
  file_descriptor end_{::eventfd(0, EFD_CLOEXEC)};
  std::thread thread_ = {};
};

/// Users' servers behind the gateway: HTTP at port 8080 answers with the whole
/// request that it got; TLS at 8443 answers over its own certificate, for
/// www.example.com.
class house {
private:
  void live(std::promise<void>& open, int end) {
    const auto http = listen_at(house_address, 8080);
    const auto tls = listen_at(house_address, 8443);
    open.set_value();
    for (;;) {
      pollfd events[]{{end, POLLIN, 0},
                      {http.number(), POLLIN, 0},
                      {tls.number(), POLLIN, 0}};
      ::poll(events, 3, -1);
      if (events[0].revents != 0)
        return;
      if (events[1].revents != 0)
        serve_http(file_descriptor{
          ::accept4(http.number(), nullptr, nullptr, SOCK_CLOEXEC)});
      if (events[2].revents != 0)
        serve_tls(file_descriptor{
          ::accept4(tls.number(), nullptr, nullptr, SOCK_CLOEXEC)});
    }
  }

  static void serve_http(const file_descriptor& client) {
    const auto request = hear(client.number(), is_request);
    if (request.find("Upgrade: echo") != std::string::npos) {
      say(client.number(), "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo"
                           "\r\nConnection: upgrade\r\n\r\n");
      say(client.number(), hear(client.number(), [](const std::string& heard) {
            return heard.find('.') != std::string::npos;
          }));
      return;
    }
    say(client.number(), answer(request));
  }

  void serve_tls(const file_descriptor& client) {
    const openssl_context context{SSL_CTX_new(TLS_server_method()),
                                  SSL_CTX_free};
    SSL_CTX_use_certificate(context.get(), own_.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), own_.key.get());
    const openssl_handle<SSL> session{SSL_new(context.get()), SSL_free};
    SSL_set_fd(session.get(), client.number());
    if (SSL_accept(session.get()) != 1)
      return;
    char chunk[2048];
    SSL_read(session.get(), chunk, sizeof chunk);
    const auto* name
      = SSL_get_servername(session.get(), TLSEXT_NAMETYPE_host_name);
    const auto text = answer("opened by the house for "
                             + std::string{name == nullptr ? "nobody" : name});
    SSL_write(session.get(), text.data(), static_cast<int>(text.size()));
    SSL_shutdown(session.get());
  }

  authority authority_{};
  certified own_ = authority_.issue("DNS:www.example.com");
  neighbour there_{
    [this](std::promise<void>& open, int end) { live(open, end); }};
};

/// The whole answer to a request; empty if the gateway hangs up.
inline std::string http_get(const std::string& host, std::uint16_t port = 80,
                            const std::string& more = {}) {
  const auto socket = connect_to(gateway_address, port);
  if (!socket)
    return "nobody listens";
  say(socket.number(), "GET /path HTTP/1.1\r\nHost: " + host
                         + "\r\nConnection: close\r\n" + more + "\r\n");
  return hear(socket.number());
}

/// The answer over TLS, behind the name in the certificate that was shown;
/// empty if the gateway hangs up.
inline std::string https_get(const std::string& name,
                             std::uint16_t port = 443) {
  const auto socket = connect_to(gateway_address, port);
  if (!socket)
    return "nobody listens";
  const openssl_context context{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  const openssl_handle<SSL> session{SSL_new(context.get()), SSL_free};
  SSL_set_fd(session.get(), socket.number());
  if (!name.empty())
    SSL_set_tlsext_host_name(session.get(), name.c_str());
  if (SSL_connect(session.get()) != 1)
    return {};
  const openssl_handle<X509> shown{SSL_get1_peer_certificate(session.get()),
                                   X509_free};
  char subject[256] = "";
  X509_NAME_oneline(X509_get_subject_name(shown.get()), subject,
                    sizeof subject);
  const std::string request = "GET / HTTP/1.1\r\n\r\n";
  SSL_write(session.get(), request.data(), static_cast<int>(request.size()));
  char chunk[2048];
  std::string heard = std::string{subject} + ' ';
  for (int got = 0; (got = SSL_read(session.get(), chunk, sizeof chunk)) > 0;)
    heard.append(chunk, static_cast<std::size_t>(got));
  return heard;
}

} // namespace provision::test
