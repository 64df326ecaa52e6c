#include "tests/dashboard/devtools_pipe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace provision::dashboard {

namespace {

constexpr int patience_ms = 60000;

std::vector<std::string> words_for(const std::string& folder) {
  std::vector<std::string> words{BROWSER,
                                 "--headless",
                                 "--remote-debugging-pipe",
                                 "--user-data-dir=" + folder + "/profile",
                                 "--no-first-run",
                                 "--disable-gpu",
                                 "--disable-background-networking",
                                 "--disable-dev-shm-usage",
                                 "--lang=en-GB",
                                 "about:blank"};
  // Its sandbox cannot be set up by root.
  if (::geteuid() == 0)
    words.insert(words.begin() + 1, "--no-sandbox");
  return words;
}

/// Between fork and exec: nothing that allocates. The browser reads at 3 and
/// writes at 4.
[[noreturn]] void become(char* const* argv, int in, int out, const char* home) {
  ::setpgid(0, 0);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  // Away from 3 and 4 first: they may be each other's place.
  int far_in = ::fcntl(in, F_DUPFD, 10);
  int far_out = ::fcntl(out, F_DUPFD, 10);
  ::dup2(far_in, 3);
  ::dup2(far_out, 4);
  ::close_range(5, ~0U, 0);
  int nothing = ::open("/dev/null", O_RDWR);
  for (int standard : {0, 1, 2})
    ::dup2(nothing, standard);
  ::setenv("HOME", home, 1);
  ::setenv("TZ", "UTC", 1);
  ::execv(argv[0], argv);
  ::_exit(127);
}

} // namespace

devtools_pipe::devtools_pipe() {
  std::array<int, 2> down{};
  std::array<int, 2> up{};
  if (::pipe2(down.data(), O_CLOEXEC) != 0
      || ::pipe2(up.data(), O_CLOEXEC) != 0)
    throw std::runtime_error{"no pipes for the browser"};
  auto words = words_for(folder_.path());
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0)
    become(argv.data(), down[0], up[1], folder_.path().c_str());
  ::close(down[0]);
  ::close(up[1]);
  to_ = down[1];
  from_ = up[0];
  // A browser that is gone is told by an error, not by a signal.
  ::signal(SIGPIPE, SIG_IGN);
}

devtools_pipe::~devtools_pipe() {
  ::close(to_);
  ::close(from_);
  if (pid_ > 0) {
    ::kill(-pid_, SIGKILL);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
}

void devtools_pipe::send(const std::string& message) {
  // The zero byte goes with it.
  const char* next = message.c_str();
  for (auto left = message.size() + 1; left > 0;) {
    auto written = ::write(to_, next, left);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      throw std::runtime_error{"the browser takes no more commands"};
    next += written;
    left -= static_cast<std::size_t>(written);
  }
}

bool devtools_pipe::fill(int wait_ms) {
  pollfd readable{.fd = from_, .events = POLLIN, .revents = 0};
  if (::poll(&readable, 1, wait_ms) <= 0)
    return false;
  std::array<char, 65536> buffer{};
  auto got = ::read(from_, buffer.data(), buffer.size());
  if (got <= 0)
    throw std::runtime_error{"the browser has ended"};
  received_.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> devtools_pipe::cut() {
  auto end = received_.find('\0');
  if (end == std::string::npos)
    return std::nullopt;
  auto message = received_.substr(0, end);
  received_.erase(0, end + 1);
  return message;
}

std::optional<std::string> devtools_pipe::poll() {
  for (;;) {
    if (auto message = cut())
      return message;
    if (!fill(0))
      return std::nullopt;
  }
}

std::string devtools_pipe::receive() {
  for (;;) {
    if (auto message = cut())
      return *message;
    if (!fill(patience_ms))
      throw std::runtime_error{"the browser does not answer"};
  }
}

} // namespace provision::dashboard
