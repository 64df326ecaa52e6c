#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/file_descriptor.hpp"

namespace provision::test {

/// Takes what is published, as a redis server does, at 127.0.0.1.
class redis_double {
public:
  enum class mood : std::uint8_t {
    answers,
    refuses,
    /// Refuses, and repeats all that was said, as some do.
    echoes,
    /// Is no redis server at all.
    greets,
    says_nothing,
  };

  /// `port` 0: one that is free.
  explicit redis_double(std::uint16_t port = 0, mood how = mood::answers)
    : mood_{how} {
    const int on = 1;
    ::setsockopt(door_.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof name;
    auto* address = reinterpret_cast<sockaddr*>(&name);
    BOOST_REQUIRE_EQUAL(::bind(door_.number(), address, size), 0);
    BOOST_REQUIRE_EQUAL(::listen(door_.number(), 16), 0);
    ::getsockname(door_.number(), address, &size);
    port_ = ntohs(name.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }

  ~redis_double() {
    ::eventfd_write(end_.number(), 1);
    thread_.join();
  }

  redis_double(const redis_double&) = delete;
  redis_double& operator=(const redis_double&) = delete;

  std::uint16_t port() const { return port_; }

  /// "<channel> <line>", in order.
  std::vector<std::string> published() const {
    const std::lock_guard lock{mutex_};
    return published_;
  }

  bool has(const std::string& part) const {
    const auto all = published();
    return std::ranges::any_of(all, [&](const std::string& one) {
      return one.find(part) != std::string::npos;
    });
  }

  /// Everything that was said, as it was said.
  std::string heard() const {
    const std::lock_guard lock{mutex_};
    return heard_;
  }

  int visits() const { return visits_; }
  int guests() const { return guests_; }

private:
  struct free_reader {
    void operator()(redisReader* reader) const { ::redisReaderFree(reader); }
  };
  struct client {
    file_descriptor socket;
    std::unique_ptr<redisReader, free_reader> reader{::redisReaderCreate()};
  };

  void serve() {
    std::list<client> clients;
    for (;;) {
      std::vector<pollfd> events{{end_.number(), POLLIN, 0},
                                 {door_.number(), POLLIN, 0}};
      for (const auto& one : clients)
        events.push_back({one.socket.number(), POLLIN, 0});
      ::poll(events.data(), events.size(), -1);
      if (events[0].revents != 0)
        return;
      auto event = events.begin() + 2;
      std::erase_if(clients, [&](client& one) {
        return (event++)->revents != 0 && !hear(one);
      });
      if (events[1].revents != 0) {
        clients.push_back(
          {file_descriptor{::accept(door_.number(), nullptr, nullptr)}});
        ++visits_;
      }
      guests_ = static_cast<int>(clients.size());
    }
  }

  bool hear(client& who) {
    std::array<char, 4096> chunk{};
    const auto size
      = ::recv(who.socket.number(), chunk.data(), chunk.size(), 0);
    if (size <= 0)
      return false;
    {
      const std::lock_guard lock{mutex_};
      heard_.append(chunk.data(), static_cast<std::size_t>(size));
    }
    ::redisReaderFeed(who.reader.get(), chunk.data(),
                      static_cast<std::size_t>(size));
    for (void* found = nullptr;
         ::redisReaderGetReply(who.reader.get(), &found) == REDIS_OK;) {
      if (found == nullptr)
        return true;
      answer(who, *static_cast<redisReply*>(found));
      ::freeReplyObject(found);
    }
    return false;
  }

  void answer(const client& who, const redisReply& said) {
    if (mood_ == mood::says_nothing)
      return;
    if (const auto other = said_otherwise(said); !other.empty()) {
      ::send(who.socket.number(), other.data(), other.size(), MSG_NOSIGNAL);
      return;
    }
    const bool is_taken = mood_ == mood::answers && said.elements == 3
                          && std::string{said.element[0]->str} == "PUBLISH";
    if (is_taken) {
      const std::lock_guard lock{mutex_};
      published_.push_back(std::string{said.element[1]->str} + ' '
                           + said.element[2]->str);
    }
    const std::string text
      = is_taken ? ":1\r\n" : "-NOAUTH Authentication required.\r\n";
    ::send(who.socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
  }

  std::string said_otherwise(const redisReply& said) const {
    if (mood_ == mood::greets)
      return "220 mail.example ESMTP\r\n";
    if (mood_ == mood::answers && std::string{said.element[0]->str} == "PING")
      return "+PONG\r\n";
    if (mood_ != mood::echoes)
      return {};
    std::string all = "-NOAUTH what is";
    for (std::size_t i = 0; i < said.elements; ++i)
      all += ' ' + std::string{said.element[i]->str};
    return all + "\r\n";
  }

  const mood mood_;
  file_descriptor door_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  file_descriptor end_{::eventfd(0, EFD_CLOEXEC)};
  std::uint16_t port_ = 0;
  std::atomic<int> visits_{0};
  std::atomic<int> guests_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> published_;
  std::string heard_;
  std::thread thread_;
};

} // namespace provision::test
