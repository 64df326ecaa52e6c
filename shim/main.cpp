#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/supervise.hpp"

namespace {

using namespace provision;

/// Tells the process that was called how the start went.
class pipe_witness final : public shim::witness {
public:
  explicit pipe_witness(int pipe) : pipe_{pipe} {}

  void started(const error& failure) override {
    const auto text = failure ? failure.message : std::string{"running"};
    // Whoever wanted to know may be gone.
    [[maybe_unused]] const auto size = ::write(pipe_, text.data(), text.size());
    ::close(pipe_);
  }

private:
  int pipe_;
};

void detach() {
  ::setsid();
  ::umask(077);
  if (::chdir("/") != 0)
    return;
  const int nothing = ::open("/dev/null", O_RDWR);
  for (int standard = 0; standard < 3; ++standard)
    ::dup2(nothing, standard);
  if (nothing > 2)
    ::close(nothing);
}

/// What the other side said until it closed its end.
std::string hear(int pipe) {
  std::string text;
  std::array<char, 256> chunk{};
  for (;;) {
    const auto size = ::read(pipe, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      return text;
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
}

} // namespace

/// provisiond-shim FOLDER: starts the workload that FOLDER/spec describes and
/// stays beside it. Returns once it runs (0), or says why it does not (1).
int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: provisiond-shim FOLDER (started by provisiond)\n",
               stderr);
    return 2;
  }
  std::array<int, 2> word{};
  if (::pipe2(word.data(), O_CLOEXEC) != 0)
    return 1;
  ::signal(SIGPIPE, SIG_IGN);
  const auto pid = ::fork();
  if (pid == 0) {
    ::close(word[0]);
    detach();
    pipe_witness by{word[1]};
    shim::supervise(argv[1], by);
    return 0;
  }
  ::close(word[1]);
  const auto heard = pid < 0 ? std::string{} : hear(word[0]);
  if (heard == "running")
    return 0;
  std::fprintf(stderr, "%s\n",
               heard.empty() ? "the shim died at its start" : heard.c_str());
  return 1;
}
