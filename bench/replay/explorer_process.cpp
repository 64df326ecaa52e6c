#include "bench/replay/explorer_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <vector>

namespace provision::bench {

namespace {

constexpr std::chrono::seconds start_patience{120};

[[noreturn]] void become(char* const* argv) {
  // It must not outlive a harness that is killed.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  ::dup2(::open("/dev/null", O_RDWR), 1);
  ::close_range(3, ~0U, 0);
  ::execv(argv[0], argv);
  ::_exit(127);
}

pid_t launch(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  auto pid = ::fork();
  if (pid == 0)
    become(argv.data());
  return pid;
}

} // namespace

std::string explorer_sim_beside_us() {
  std::error_code ignored;
  auto self = std::filesystem::read_symlink("/proc/self/exe", ignored);
  return (self.parent_path() / "explorer-sim").string();
}

expected<std::unique_ptr<explorer_process>>
explorer_process::start(const std::string& program, const stream& documents,
                        const std::string& folder) {
  auto port_file = folder + "/explorer.port";
  std::filesystem::remove(port_file);
  std::vector<std::string> words{program,       "--listen",     "127.0.0.1:0",
                                 "--no-verify", "--keep-epoch", "--port-file",
                                 port_file,     "--load",       documents.file};
  if (!documents.users_file.empty())
    words.insert(words.end(), {"--load", documents.users_file});
  std::unique_ptr<explorer_process> made{
    new explorer_process{launch(std::move(words))}};
  auto until = std::chrono::steady_clock::now() + start_patience;
  std::string port;
  while (std::chrono::steady_clock::now() < until) {
    std::ifstream file{port_file};
    if (file >> port) {
      made->url_ = "http://127.0.0.1:" + port;
      return made;
    }
    if (::waitpid(made->pid_, nullptr, WNOHANG) == made->pid_) {
      made->pid_ = -1;
      break;
    }
    ::poll(nullptr, 0, 5);
  }
  return fail(errc::explorer_unreachable, program + " did not start to listen");
}

explorer_process::~explorer_process() {
  if (pid_ <= 0)
    return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

} // namespace provision::bench
