#pragma once

#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/file_descriptor.hpp"
#include "tests/support/scratch_folder.hpp"

namespace provision::test {

/// A server at a unix socket that does with its only client what a script says.
class scripted_server {
public:
  using script = std::function<void(int client)>;

  explicit scripted_server(script what) {
    sockaddr_un name = {};
    name.sun_family = AF_UNIX;
    path().copy(name.sun_path, sizeof name.sun_path - 1);
    BOOST_REQUIRE_EQUAL(::bind(door_.number(),
                               reinterpret_cast<const sockaddr*>(&name),
                               sizeof name),
                        0);
    BOOST_REQUIRE_EQUAL(::listen(door_.number(), 1), 0);
    thread_ = std::thread{[door = door_.number(), what = std::move(what)] {
      const file_descriptor client{::accept(door, nullptr, nullptr)};
      if (client)
        what(client.number());
    }};
  }

  ~scripted_server() {
    // Wakes it if nobody came.
    ::shutdown(door_.number(), SHUT_RDWR);
    thread_.join();
  }

  scripted_server(const scripted_server&) = delete;
  scripted_server& operator=(const scripted_server&) = delete;

  std::string path() const { return folder_.path() + "/s"; }

  static void say(int client, std::string_view text) {
    (void)::send(client, text.data(), text.size(), MSG_NOSIGNAL);
  }

  /// What the client said, until it has said `size` bytes or hung up.
  static std::string hear(int client, std::size_t size) {
    std::string heard;
    std::array<char, 1024> chunk{};
    while (heard.size() < size) {
      const auto got = ::recv(client, chunk.data(), chunk.size(), 0);
      if (got <= 0)
        break;
      heard.append(chunk.data(), static_cast<std::size_t>(got));
    }
    return heard;
  }

  /// Until the client hangs up.
  static void wait_for_end(int client) {
    pollfd event{client, POLLRDHUP, 0};
    ::poll(&event, 1, -1);
  }

private:
  scratch_folder folder_ = {};
  file_descriptor door_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::thread thread_;
};

} // namespace provision::test
