#include "backends/host/spawned_worker.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/file_descriptor.hpp"
#include "backends/host/socket_pair.hpp"
#include "backends/host/spawn_plan.hpp"

namespace provision {

namespace {

/// Waits for a killed process in a thread of its own: one that hangs in the
/// kernel takes its time even then.
void reap_beside(file_descriptor process) {
  try {
    std::thread{[process = std::move(process)] {
      siginfo_t ended = {};
      while (::waitid(static_cast<idtype_t>(P_PIDFD),
                      static_cast<id_t>(process.number()), &ended, WEXITED)
               != 0
             && errno == EINTR) {
      }
    }}.detach();
  } catch (const std::system_error&) {
    // No thread to be had: its entry stays until this process ends.
  }
}

std::string describe(const siginfo_t& ended) {
  if (ended.si_code == CLD_EXITED)
    return "ended with code " + std::to_string(ended.si_status);
  auto text = "was killed by signal " + std::to_string(ended.si_status);
  if (const auto* name = ::sigdescr_np(ended.si_status))
    text.append(" (").append(name).append(")");
  return text;
}

class spawned_worker final : public worker_process {
public:
  spawned_worker(pid_t pid, file_descriptor process, file_descriptor socket)
    : pid_{pid}, process_{std::move(process)}, socket_{std::move(socket)} {}

  ~spawned_worker() override {
    kill();
    if (!ending())
      reap_beside(std::move(process_));
  }

  int take_socket() override { return socket_.release(); }

  void kill() override {
    // The number is its own until its end is taken note of.
    if (!ending_)
      ::kill(pid_, SIGKILL);
  }

  std::optional<std::string> ending() override {
    siginfo_t ended = {};
    if (!ending_
        && ::waitid(static_cast<idtype_t>(P_PIDFD),
                    static_cast<id_t>(process_.number()), &ended,
                    WEXITED | WNOHANG)
             == 0
        && ended.si_pid != 0)
      ending_ = describe(ended);
    return ending_;
  }

private:
  pid_t pid_;
  file_descriptor process_;
  file_descriptor socket_;
  std::optional<std::string> ending_ = {};
};

expected<std::unique_ptr<worker_process>>
spawn_one(const worker_command& what) {
  auto sockets = make_sockets();
  if (!sockets)
    return fail(sockets.error());
  const auto in = file_of(what.input);
  if (!in)
    return fail(in.error());
  // What a library prints goes where the log goes.
  constexpr int standard_error = 2;
  const auto pid = spawn(what.program, what.arguments,
                         spawn_plan{{in->number(), standard_error,
                                     standard_error, sockets->theirs.number()},
                                    POSIX_SPAWN_SETPGROUP});
  if (!pid)
    return fail(pid.error());
  auto process = open_process(*pid);
  if (!process) {
    const auto why = last_system_error("watch " + what.program);
    ::kill(*pid, SIGKILL);
    ::waitpid(*pid, nullptr, 0);
    return fail(why);
  }
  return std::make_unique<spawned_worker>(*pid, std::move(process),
                                          std::move(sockets->ours));
}

} // namespace

worker_launcher spawn_worker(worker_command what) {
  return [what = std::move(what)] { return spawn_one(what); };
}

void become_worker(const std::string& type) {
  // If the daemon is gone by now, the socket's end tells.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::prctl(PR_SET_NAME, (type + "-worker").c_str());
  // Half of the scale: before the daemon, after what asked for it itself.
  constexpr int half = 500;
  take_rank(half);
  for (const auto number : {SIGTERM, SIGINT, SIGPIPE})
    ::signal(number, SIG_IGN);
}

bool is_worker_socket(int number) noexcept {
  int kind = 0;
  int family = 0;
  socklen_t size = sizeof kind;
  return ::getsockopt(number, SOL_SOCKET, SO_TYPE, &kind, &size) == 0
         && ::getsockopt(number, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0
         && kind == SOCK_STREAM && family == AF_UNIX;
}

} // namespace provision
