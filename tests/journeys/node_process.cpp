#include "tests/journeys/node_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/support/patience.hpp"

namespace provision::journeys {

using test::eventually;

namespace {

std::string read(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// Between fork and exec: nothing that allocates.
[[noreturn]] void become(char* const* argv, const char* out, const char* err,
                         const char* notify) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(::open("/dev/null", O_RDONLY), 0);
  ::dup2(::open(out, O_WRONLY | O_CREAT | O_TRUNC, 0600), 1);
  ::dup2(::open(err, O_WRONLY | O_CREAT | O_TRUNC, 0600), 2);
  // The explorer's sockets are no business of the node.
  ::close_range(3, ~0U, 0);
  ::setenv("NOTIFY_SOCKET", notify, 1);
  ::execv(argv[0], argv);
  ::_exit(127);
}

int listen_at(const std::string& path) {
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    throw std::runtime_error{path + ": " + std::strerror(errno)};
  return fd;
}

} // namespace

node_process::node_process() : socket_{listen_at(file("notify"))} {
}

node_process::~node_process() {
  if (pid_ > 0 && !status_) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  ::close(socket_);
}

std::string node_process::write(const std::string& name,
                                const std::string& text) const {
  std::ofstream{file(name), std::ios::binary} << text;
  return file(name);
}

std::string node_process::configure(const std::string& explorer_url,
                                    const std::string& more,
                                    const std::string& host) const {
  return write("node.conf", "[node]\ndata_dir = \"" + data_dir()
                              + "\"\n[explorer]\nurl = \"" + explorer_url
                              + "\"\npoll_interval = \"10ms\"\n"
                                "retry_delay = \"5ms\"\n"
                                "retry_delay_max = \"50ms\"\n"
                                "signatures = \"enforce\"\n"
                              + host + more);
}

void node_process::start(const std::vector<std::string>& arguments) {
  std::vector<std::string> words{program};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  auto out = file("out");
  auto err = file("err");
  auto notify = file("notify");
  // What an earlier process said is not heard of this one.
  receive();
  heard_.clear();
  status_.reset();
  pid_ = ::fork();
  if (pid_ == 0)
    become(argv.data(), out.c_str(), err.c_str(), notify.c_str());
}

void node_process::signal(int number) const {
  if (pid_ > 0 && !status_)
    ::kill(pid_, number);
}

bool node_process::reap() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_)
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  return status_.has_value();
}

std::optional<ending> node_process::wait(std::chrono::milliseconds patience) {
  if (!eventually([this] { return reap(); }, patience))
    return std::nullopt;
  return ending{*status_, read(file("out")), log()};
}

void node_process::receive() {
  char buffer[4096];
  for (ssize_t size = 0;
       (size = ::recv(socket_, buffer, sizeof buffer, 0)) > 0;)
    heard_.append(buffer, static_cast<std::size_t>(size)).append("\n");
}

bool node_process::hears(const std::string& text,
                         std::chrono::milliseconds patience) {
  bool found = false;
  eventually(
    [&] {
      receive();
      found = heard_.find(text) != std::string::npos;
      return found || reap();
    },
    patience);
  return found;
}

std::string node_process::log() const {
  return read(file("err"));
}

std::string node_process::output() const {
  return read(file("out"));
}

ending run(const std::vector<std::string>& arguments) {
  return run_program(PROVISIOND, arguments);
}

ending run_program(const std::string& program,
                   const std::vector<std::string>& arguments) {
  node_process process;
  process.program = program;
  process.start(arguments);
  auto end = process.wait();
  return end ? *end : ending{.code = -SIGALRM, .err = process.log()};
}

} // namespace provision::journeys
