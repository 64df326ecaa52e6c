#include "ctl/terminal.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

namespace provision::ctl {

namespace {

/// Another screen, no cursor; and back.
constexpr std::string_view enter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view leave = "\x1b[?25h\x1b[?1049l";

sigset_t awaited() {
  sigset_t set;
  sigemptyset(&set);
  for (int one : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH, SIGTSTP})
    sigaddset(&set, one);
  return set;
}

void send(int to, std::string_view text) {
  while (!text.empty()) {
    auto size = ::write(to, text.data(), text.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

} // namespace

terminal::terminal(int in, int out) : in_{in}, out_{out} {
  // They are read as events, so that no handler has to restore anything.
  const auto set = awaited();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  is_raw_ = ::tcgetattr(in_, &before_) == 0;
  take();
}

terminal::~terminal() {
  give_back();
  if (signals_ >= 0)
    ::close(signals_);
}

void terminal::take() {
  auto raw = before_;
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  if (is_raw_)
    ::tcsetattr(in_, TCSANOW, &raw);
  send(out_, enter);
}

void terminal::give_back() {
  send(out_, leave);
  if (is_raw_)
    ::tcsetattr(in_, TCSANOW, &before_);
}

/// Lets the shell have the terminal until the user comes back.
void terminal::pause() {
  give_back();
  ::raise(SIGSTOP);
  take();
}

terminal::event terminal::told_by(int signal) {
  if (signal == SIGTSTP)
    pause();
  return signal == SIGWINCH || signal == SIGTSTP ? event::resized
                                                 : event::ended;
}

terminal::event terminal::wait(std::chrono::milliseconds patience, char& key) {
  std::array<pollfd, 2> watched{
    {{.fd = signals_, .events = POLLIN, .revents = 0},
     {.fd = in_, .events = POLLIN, .revents = 0}}};
  if (::poll(watched.data(), watched.size(), static_cast<int>(patience.count()))
      <= 0)
    return event::time;
  signalfd_siginfo told{};
  if (watched[0].revents != 0
      && ::read(signals_, &told, sizeof told) == sizeof told)
    return told_by(static_cast<int>(told.ssi_signo));
  if (watched[1].revents == 0)
    return event::time;
  // A terminal that hung up reads as its end.
  return ::read(in_, &key, 1) == 1 ? event::key : event::ended;
}

terminal::extent terminal::size() const {
  winsize found{};
  if (::ioctl(out_, TIOCGWINSZ, &found) != 0 || found.ws_row == 0
      || found.ws_col == 0)
    return {};
  return {found.ws_row, found.ws_col};
}

} // namespace provision::ctl
