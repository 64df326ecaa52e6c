#include "backends/host/resp_client.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <new>

#include <arpa/inet.h>
#include <hiredis/hiredis.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace provision {

namespace {

using steady = std::chrono::steady_clock;

/// Of one list. Its entries are made before they are there.
constexpr std::size_t items_max = 1U << 16U;

struct free_answer {
  void operator()(redisReply* answer) const { ::freeReplyObject(answer); }
};
using raw_answer = std::unique_ptr<redisReply, free_answer>;

struct free_reader {
  void operator()(redisReader* reader) const { ::redisReaderFree(reader); }
};
using raw_reader = std::unique_ptr<redisReader, free_reader>;

raw_reader make_reader() {
  raw_reader made{::redisReaderCreate()};
  if (!made)
    throw std::bad_alloc{};
  return made;
}

/// How the library makes what it has read; the same for all its readers.
const redisReplyObjectFunctions& usual_functions() {
  static const auto usual = *make_reader()->fn;
  return usual;
}

redisReplyObjectFunctions bounded_functions() {
  auto bounded = usual_functions();
  bounded.createArray = [](const redisReadTask* task, auto count) {
    return static_cast<std::size_t>(count) > items_max
             ? nullptr
             : usual_functions().createArray(task, count);
  };
  return bounded;
}

/// hiredis' parser, fed by hand: its own connections know no deadline for a
/// whole answer.
class parser {
public:
  parser() { reader_->fn = &functions_; }

  /// Nothing if it does not make a whole answer yet.
  expected<raw_answer> next() {
    void* found = nullptr;
    if (::redisReaderGetReply(reader_.get(), &found) != REDIS_OK)
      return fail(errc::backend_failure, reader_->errstr);
    return raw_answer{static_cast<redisReply*>(found)};
  }

  bool feed(std::string_view text) {
    return ::redisReaderFeed(reader_.get(), text.data(), text.size())
           == REDIS_OK;
  }

private:
  redisReplyObjectFunctions functions_ = bounded_functions();
  raw_reader reader_ = make_reader();
};

resp_answer to_answer(const redisReply& from) {
  using kind = resp_answer::kind;
  resp_answer answer;
  switch (from.type) {
  case REDIS_REPLY_STRING:
  case REDIS_REPLY_STATUS:
  case REDIS_REPLY_ERROR:
    answer.is = from.type == REDIS_REPLY_ERROR ? kind::refusal : kind::text;
    answer.text.assign(from.str, static_cast<std::size_t>(from.len));
    break;
  case REDIS_REPLY_INTEGER:
    answer.is = kind::number;
    answer.number = from.integer;
    break;
  case REDIS_REPLY_ARRAY:
    answer.is = kind::list;
    for (std::size_t i = 0; i < from.elements; ++i)
      answer.items.push_back(to_answer(*from.element[i]));
    break;
  default:
    break;
  }
  return answer;
}

/// The command as the protocol has it, added to `text`.
error add_command(std::string& text, const resp_command& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> sizes;
  for (const auto word : command) {
    words.push_back(word.data());
    sizes.push_back(word.size());
  }
  char* made = nullptr;
  const auto size = ::redisFormatCommandArgv(
    &made, static_cast<int>(words.size()), words.data(), sizes.data());
  if (size < 0)
    return {errc::backend_failure, "a command cannot be put into words"};
  // Reserved by the caller: text that moves would leave a secret behind.
  text.append(made, static_cast<std::size_t>(size));
  ::explicit_bzero(made, static_cast<std::size_t>(size));
  ::redisFreeCommand(made);
  return {};
}

std::size_t room_for(const std::vector<resp_command>& commands) {
  constexpr std::size_t frame = 32;
  std::size_t size = 0;
  for (const auto& command : commands) {
    size += frame;
    for (const auto word : command)
      size += word.size() + frame;
  }
  return size;
}

void wipe_text(std::string& text) {
  ::explicit_bzero(text.data(), text.size());
}

} // namespace

expected<resp_client> resp_client::connect(const std::string& socket_path,
                                           resp_limits limits) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof name.sun_path)
    return fail(errc::invalid_configuration,
                socket_path + ": is too long for a socket's name");
  socket_path.copy(name.sun_path, socket_path.size());
  return connect(file_descriptor{::socket(
                   AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)},
                 socket_path, &name, sizeof name, limits);
}

expected<resp_client> resp_client::connect(const workloads::ip_address& address,
                                           std::uint16_t port,
                                           resp_limits limits) {
  const bool is_v6 = address.family == workloads::ip_address::kind::v6;
  const auto text = workloads::to_string(address);
  file_descriptor socket{::socket(
    is_v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (is_v6) {
    sockaddr_in6 name = {};
    name.sin6_family = AF_INET6;
    name.sin6_port = htons(port);
    ::inet_pton(AF_INET6, text.c_str(), &name.sin6_addr);
    return connect(std::move(socket), '[' + text + "]:" + std::to_string(port),
                   &name, sizeof name, limits);
  }
  sockaddr_in name = {};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, text.c_str(), &name.sin_addr);
  return connect(std::move(socket), text + ':' + std::to_string(port), &name,
                 sizeof name, limits);
}

expected<resp_client> resp_client::connect(file_descriptor socket,
                                           std::string peer, const void* name,
                                           unsigned name_size,
                                           resp_limits limits) {
  if (!socket)
    return fail(last_system_error("make a socket"));
  const auto until = steady::now() + limits.patience;
  resp_client client{std::move(socket), std::move(peer), limits};
  const auto what = "connect to " + client.peer_;
  if (::connect(client.socket_.number(), static_cast<const sockaddr*>(name),
                name_size)
      == 0)
    return client;
  if (errno != EINPROGRESS)
    return fail(last_system_error(what));
  if (auto late = client.wait_for(POLLOUT, until))
    return fail(std::move(late));
  int code = 0;
  socklen_t size = sizeof code;
  if (::getsockopt(client.socket_.number(), SOL_SOCKET, SO_ERROR, &code, &size)
      != 0)
    return fail(last_system_error(what));
  if (code != 0)
    return fail(system_error(what, code));
  return client;
}

expected<resp_answer> resp_client::ask(const resp_command& command) {
  auto answers = ask(std::vector<resp_command>{command});
  if (!answers)
    return fail(answers.error());
  return std::move(answers->front());
}

expected<std::vector<resp_answer>>
resp_client::ask(const std::vector<resp_command>& commands) {
  const auto until = steady::now() + limits_.patience;
  std::string text;
  text.reserve(room_for(commands));
  error failed;
  for (const auto& command : commands)
    if (!failed)
      failed = add_command(text, command);
  if (!failed)
    failed = send(text, until);
  wipe_text(text);
  return failed ? fail(std::move(failed)) : hear(commands.size(), until);
}

/// Until the socket is ready for `event`.
error resp_client::wait_for(short event, steady::time_point until) const {
  for (;;) {
    std::array<pollfd, 2> events{pollfd{socket_.number(), event, 0},
                                 pollfd{limits_.interruption, POLLIN, 0}};
    const auto left
      = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now());
    const auto ready
      = ::poll(events.data(), events.size(),
               static_cast<int>(std::max<long long>(left.count(), 0)));
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready < 0)
      return last_system_error("wait for " + peer_);
    if (events[1].revents != 0)
      return {errc::shutting_down, "nobody waits for " + peer_ + " any more"};
    if (ready == 0)
      return {errc::deadline_exceeded, peer_ + " does not answer in time"};
    return {};
  }
}

error resp_client::send(std::string_view text, steady::time_point until) const {
  while (!text.empty()) {
    const auto sent
      = ::send(socket_.number(), text.data(), text.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      text.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR)
      continue;
    if (errno != EAGAIN)
      return last_system_error("talk to " + peer_);
    if (auto late = wait_for(POLLOUT, until))
      return late;
  }
  return {};
}

expected<std::vector<resp_answer>>
resp_client::hear(std::size_t count, steady::time_point until) const {
  std::vector<resp_answer> answers;
  parser heard;
  std::size_t bytes = 0;
  std::array<char, 4096> chunk{};
  while (answers.size() < count) {
    const auto answer = heard.next();
    if (!answer)
      return fail(errc::backend_failure,
                  peer_ + " does not speak RESP: " + answer.error().message);
    if (*answer) {
      answers.push_back(to_answer(**answer));
      continue;
    }
    if (auto late = wait_for(POLLIN, until))
      return fail(std::move(late));
    const auto size = ::recv(socket_.number(), chunk.data(), chunk.size(), 0);
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
      continue;
    if (size < 0)
      return fail(last_system_error("hear " + peer_));
    if (size == 0)
      return fail(errc::backend_failure, peer_ + " hung up");
    bytes += static_cast<std::size_t>(size);
    if (bytes > limits_.answer_bytes_max
        || !heard.feed({chunk.data(), static_cast<std::size_t>(size)}))
      return fail(errc::backend_failure, peer_ + " says too much");
  }
  return answers;
}

} // namespace provision
