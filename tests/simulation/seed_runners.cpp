#include "tests/simulation/seed_runners.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <system_error>
#include <vector>

namespace provision::simulation {

namespace {

[[noreturn]] void give_up(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

/// False at the end of the stream, which comes when the other process ends.
template <class T>
bool receive(int socket, T& value) {
  ssize_t got = 0;
  do
    got = ::recv(socket, &value, sizeof(value), MSG_WAITALL);
  while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof(value));
}

template <class T>
bool send_to(int socket, const T& value) {
  return ::send(socket, &value, sizeof(value), MSG_NOSIGNAL)
         == static_cast<ssize_t>(sizeof(value));
}

/// A process that runs the seeds it is sent until its socket is closed.
struct runner {
  pid_t pid = -1;
  int socket = -1;
  std::optional<std::uint64_t> seed = {};
};

class runners {
public:
  runners(unsigned jobs, const seed_work& work) : work_(work) {
    for (unsigned i = 0; i < std::max(jobs, 1U); ++i)
      all_.push_back(start());
  }

  runners(const runners&) = delete;
  runners& operator=(const runners&) = delete;

  bool run() {
    for (auto& one : all_)
      hand_out(one);
    while (wait())
      release();
    release();
    return dismiss();
  }

private:
  runner start() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
      give_up("socketpair");
    // What is buffered would be written by both.
    std::fflush(nullptr);
    runner made;
    made.pid = ::fork();
    if (made.pid < 0)
      give_up("fork");
    if (made.pid == 0) {
      ::close(ends[0]);
      for (auto& other : all_)
        ::close(other.socket);
      serve(ends[1]);
    }
    ::close(ends[1]);
    made.socket = ends[0];
    return made;
  }

  [[noreturn]] void serve(int socket) {
    std::uint64_t seed = 0;
    while (receive(socket, seed))
      if (!send_to(socket, work_.run(seed)))
        break;
    // Not _exit(): leaks are looked for.
    std::exit(0);
  }

  void hand_out(runner& one) {
    one.seed = work_.next();
    // One that died before it heard of its seed is noticed like any other.
    if (one.seed)
      send_to(one.socket, *one.seed);
  }

  /// Until a result is there; false if none is awaited.
  bool wait() {
    std::vector<pollfd> busy;
    for (auto& one : all_)
      if (one.seed)
        busy.push_back({one.socket, POLLIN, 0});
    if (busy.empty())
      return false;
    if (::poll(busy.data(), busy.size(), -1) < 0 && errno != EINTR)
      give_up("poll");
    for (auto& ready : busy)
      if (ready.revents != 0)
        collect(*std::find_if(all_.begin(), all_.end(), [&](auto& one) {
          return one.socket == ready.fd;
        }));
    return true;
  }

  void collect(runner& one) {
    seed_result result;
    if (!receive(one.socket, result)) {
      result.seed = *one.seed;
      result.how = seed_result::verdict::died;
      result.wait_status = bury(one);
      one = {};
      one = start();
    }
    results_.emplace(result.seed, result);
    hand_out(one);
  }

  /// In the order of the seeds: what a slower process still runs holds up those
  /// behind it.
  void release() {
    while (!results_.empty()) {
      auto first = results_.begin();
      for (auto& one : all_)
        if (one.seed && *one.seed < first->first)
          return;
      work_.take(first->second);
      results_.erase(first);
    }
  }

  int bury(runner& one) {
    ::close(one.socket);
    int status = 0;
    while (::waitpid(one.pid, &status, 0) < 0 && errno == EINTR)
      continue;
    return status;
  }

  bool dismiss() {
    bool clean = true;
    for (auto& one : all_)
      clean = bury(one) == 0 && clean;
    return clean;
  }

  const seed_work& work_;
  std::vector<runner> all_ = {};
  std::map<std::uint64_t, seed_result> results_ = {};
};

} // namespace

bool run_seeds(unsigned jobs, const seed_work& work) {
  return runners{jobs, work}.run();
}

} // namespace provision::simulation
