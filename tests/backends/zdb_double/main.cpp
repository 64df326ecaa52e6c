// A stand-in for a 0-db server in tests: the same options, and as far as the
// node needs them the same commands with the same answers. What it holds is
// kept in its folders and found again by the next process.

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/backends/zdb_double/conversation.hpp"

using namespace provision::test;

namespace {

[[noreturn]] void die(const std::string& why) {
  std::cerr << "zdb-double: " << why << '\n';
  std::exit(1);
}

double_options read_options(const std::vector<std::string>& words) {
  double_options options;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto& word = words[i];
    if (word == "--dualnet")
      continue;
    if (word == "--protect") {
      options.is_protected = true;
      continue;
    }
    if (++i == words.size())
      die(word + " has no value");
    const auto& value = words[i];
    if (word == "--data")
      options.data = value;
    else if (word == "--index")
      options.index = value;
    else if (word == "--mode")
      options.mode = value;
    else if (word == "--socket")
      options.socket = value;
    else if (word == "--listen")
      options.listen = value;
    else if (word == "--port")
      options.port = value;
    else if (word == "--admin")
      options.admin = value;
    else
      die(word + " is not known");
  }
  return options;
}

int listen_at(int family, const void* name, unsigned size) {
  const int door = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (door < 0 || ::bind(door, static_cast<const sockaddr*>(name), size) != 0
      || ::listen(door, 16) != 0)
    die(std::string{"cannot listen: "} + std::strerror(errno));
  return door;
}

int listen_at_socket(const std::string& path) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (path.size() >= sizeof name.sun_path)
    die("the socket's path is too long");
  path.copy(name.sun_path, path.size());
  ::unlink(path.c_str());
  return listen_at(AF_UNIX, &name, sizeof name);
}

int listen_at_port(const double_options& options) {
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(static_cast<std::uint16_t>(std::stoi(options.port)));
  if (::inet_pton(AF_INET, options.listen.c_str(), &name.sin_addr) != 1)
    die("the double listens at IPv4 addresses only");
  return listen_at(AF_INET, &name, sizeof name);
}

struct free_reader {
  void operator()(redisReader* reader) const { ::redisReaderFree(reader); }
};

struct client {
  int socket;
  conversation talk;
  std::unique_ptr<redisReader, free_reader> reader{::redisReaderCreate()};
};

/// False once it is over.
bool hear(client& who) {
  std::array<char, 4096> chunk{};
  const auto size = ::recv(who.socket, chunk.data(), chunk.size(), 0);
  if (size <= 0)
    return false;
  ::redisReaderFeed(who.reader.get(), chunk.data(),
                    static_cast<std::size_t>(size));
  for (;;) {
    void* found = nullptr;
    if (::redisReaderGetReply(who.reader.get(), &found) != REDIS_OK)
      return false;
    if (found == nullptr)
      return true;
    auto* request = static_cast<redisReply*>(found);
    std::vector<std::string> words;
    for (std::size_t i = 0; i < request->elements; ++i)
      words.emplace_back(request->element[i]->str,
                         static_cast<std::size_t>(request->element[i]->len));
    ::freeReplyObject(request);
    const auto answer = who.talk.answer(words);
    if (::send(who.socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0)
      return false;
  }
}

} // namespace

int main(int count, char** words) {
  const auto options = read_options({words + 1, words + count});
  if (options.mode != "user" && options.mode != "seq")
    die("mode must be user or seq");
  if (options.is_protected && options.admin.empty())
    die("protected mode only works with an admin's secret");
  double_namespaces all{options.data, options.index};
  std::vector<int> doors{listen_at_socket(options.socket)};
  if (!options.listen.empty())
    doors.push_back(listen_at_port(options));
  std::cout << "zdb-double serves mode " << options.mode << std::endl;
  std::list<client> clients;
  for (;;) {
    std::vector<pollfd> events;
    for (const int door : doors)
      events.push_back({door, POLLIN, 0});
    for (const auto& one : clients)
      events.push_back({one.socket, POLLIN, 0});
    ::poll(events.data(), events.size(), -1);
    auto event = events.begin() + static_cast<std::ptrdiff_t>(doors.size());
    for (auto one = clients.begin(); one != clients.end(); ++event) {
      const bool is_over = event->revents != 0 && !hear(*one);
      if (is_over)
        ::close(one->socket);
      one = is_over ? clients.erase(one) : std::next(one);
    }
    for (std::size_t i = 0; i < doors.size(); ++i)
      if (events[i].revents != 0)
        if (const int made
            = ::accept4(doors[i], nullptr, nullptr, SOCK_CLOEXEC);
            made >= 0)
          clients.push_back({made, {all, options}});
  }
}
