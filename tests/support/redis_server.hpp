#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "backends/host/command.hpp"
#include "tests/support/gateway_town.hpp"
#include "tests/support/patience.hpp"
#include "tests/support/scratch_folder.hpp"

namespace provision::test {

/// The program; the error names the package.
inline expected<std::string> find_redis_server() {
  return find_program("redis-server", "redis-server");
}

/// A real redis server at house_address, with a password, and what is published
/// there. It can be made deaf for a while; its ear for us is a unix socket.
class redis_server {
public:
  static constexpr auto password = "open-sesame";
  static constexpr std::uint16_t port = 6379;

  redis_server() {
    BOOST_REQUIRE(eventually([&] { return bool(connect()); }));
    hearer_ = connect();
    ask(*hearer_, "PSUBSCRIBE *");
    thread_ = std::thread{[this] { hear(); }};
    listen();
  }

  ~redis_server() {
    ::shutdown(hearer_->fd, SHUT_RDWR);
    thread_.join();
  }

  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  void listen() { ask(*connect(), "CONFIG SET port " + std::to_string(port)); }

  /// Nobody is let in any more, and who is in is thrown out.
  void be_away() {
    const auto own = connect();
    ask(*own, "CONFIG SET port 0");
    ask(*own, "CLIENT KILL TYPE normal");
  }

  /// All that was published on a channel, in order.
  std::vector<std::string> published(const std::string& channel) const {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> found;
    for (const auto& [where, what] : published_)
      if (where == channel)
        found.push_back(what);
    return found;
  }

private:
  struct close_context {
    void operator()(redisContext* it) const { ::redisFree(it); }
  };
  using context = std::unique_ptr<redisContext, close_context>;
  struct free_reply {
    void operator()(void* it) const { ::freeReplyObject(it); }
  };
  using reply = std::unique_ptr<redisReply, free_reply>;

  /// One that is let in; null if nobody listens yet.
  context connect() const {
    context made{::redisConnectUnix((folder_.path() + "/socket").c_str())};
    if (!made || made->err != 0)
      return nullptr;
    return ask(*made, std::string{"AUTH "} + password) ? std::move(made)
                                                       : nullptr;
  }

  static bool ask(redisContext& at, const std::string& words) {
    const reply got{
      static_cast<redisReply*>(::redisCommand(&at, words.c_str()))};
    return got && got->type != REDIS_REPLY_ERROR;
  }

  void hear() {
    for (void* got = nullptr;
         ::redisGetReply(hearer_.get(), &got) == REDIS_OK;) {
      const reply said{static_cast<redisReply*>(got)};
      // "pmessage", the pattern, the channel, the message.
      if (said->elements != 4)
        continue;
      const std::lock_guard lock{mutex_};
      published_.emplace_back(said->element[2]->str, said->element[3]->str);
    }
  }

  void live(std::promise<void>& open, int end) const {
    const auto process = launch(
      {.program = find_redis_server().value(),
       .arguments = {"--port", "0", "--unixsocket", folder_.path() + "/socket",
                     "--requirepass", password, "--save", "", "--dir",
                     folder_.path(), "--logfile", folder_.path() + "/log"}});
    open.set_value();
    pollfd over{end, POLLIN, 0};
    ::poll(&over, 1, -1);
    if (!process)
      return;
    ::syscall(SYS_pidfd_send_signal, process->number(), SIGKILL, nullptr, 0);
    pollfd ended{process->number(), POLLIN, 0};
    ::poll(&ended, 1, -1);
    (void)reap(*process);
  }

  scratch_folder folder_ = {};
  neighbour there_{
    [this](std::promise<void>& open, int end) { live(open, end); }};
  context hearer_ = {};
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, std::string>> published_;
  std::thread thread_ = {};
};

} // namespace provision::test
