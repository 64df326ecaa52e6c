#include "backends/host/command.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>
#include <sstream>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/spawn_plan.hpp"

namespace provision {

namespace {

using steady = std::chrono::steady_clock;

/// How long a killed program may take to vanish: one that hangs in the kernel
/// ignores even SIGKILL and must not take its caller along.
constexpr std::chrono::milliseconds kill_grace{2000};

constexpr std::chrono::milliseconds objection_interval{100};

struct pipe_ends {
  file_descriptor read;
  file_descriptor write;
};

expected<pipe_ends> make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    return fail(last_system_error("pipe"));
  pipe_ends result{file_descriptor{ends[0]}, file_descriptor{ends[1]}};
  ::fcntl(ends[0], F_SETFL, O_NONBLOCK);
  return result;
}

expected<pid_t> start(const command& what, int out, int err,
                      short separation = POSIX_SPAWN_SETPGROUP) {
  const auto in = file_of(what.input);
  if (!in)
    return fail(in.error());
  auto words = what.arguments;
  words.insert(words.begin(), what.program);
  return spawn(what.program, std::move(words),
               spawn_plan{{in->number(), out, err}, separation});
}

/// Takes what is there; closes the pipe at its end. What is beyond the limit
/// is read and dropped, so that the program never blocks on a full pipe.
void drain(file_descriptor& from, std::string& into, bool& cut,
           std::size_t bytes_max) {
  std::array<char, 4096> chunk{};
  while (from) {
    const auto got = ::read(from.number(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0 && errno == EAGAIN)
      return;
    if (got <= 0)
      return from.close();
    const auto room = bytes_max - into.size();
    const auto size = static_cast<std::size_t>(got);
    into.append(chunk.data(), std::min(room, size));
    cut = cut || size > room;
  }
}

/// A started program and the ends of its pipes.
struct child {
  pid_t pid = 0;
  file_descriptor process = {};
  file_descriptor out = {};
  file_descriptor err = {};
  command_output output = {};
  std::size_t output_bytes_max = 0;
  error objected = {};

  /// Collects output until the program ends; false at the deadline, or at an
  /// objection, which is then in `objected`.
  bool wait(steady::time_point deadline,
            const std::function<error()>& objection = {}) {
    auto ask_at = steady::now();
    for (;;) {
      auto until = deadline;
      if (objection && steady::now() >= ask_at) {
        objected = objection();
        if (objected)
          return false;
        ask_at = steady::now() + objection_interval;
      }
      if (objection)
        until = std::min(until, ask_at);
      const auto left
        = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now());
      std::array<pollfd, 3> events{{{process.number(), POLLIN, 0},
                                    {out.number(), POLLIN, 0},
                                    {err.number(), POLLIN, 0}}};
      const auto pause = std::clamp<long long>(left.count(), 0, 3600000);
      const auto ready
        = ::poll(events.data(), events.size(), static_cast<int>(pause));
      drain(out, output.out, output.cut, output_bytes_max);
      drain(err, output.err, output.cut, output_bytes_max);
      // A grandchild may hold the pipes open for ever; only the program
      // itself counts.
      if (ready > 0 && events[0].revents != 0)
        return true;
      if (steady::now() >= deadline)
        return false;
    }
  }
};

/// The first lines of a complaint as one. Not only the very first: some
/// programs begin with their version.
std::string first_lines(const std::string& text) {
  constexpr int lines_max = 3;
  constexpr std::size_t size_max = 300;
  std::istringstream lines{text};
  std::string result;
  std::string line;
  for (int i = 0; i < lines_max && std::getline(lines, line); ++i)
    if (!line.empty())
      result += (result.empty() ? "" : "; ") + line;
  return result.substr(0, size_max);
}

expected<command_output> judge(const command& what, command_output output,
                               int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    return output;
  auto complaint = first_lines(output.err);
  if (!complaint.empty())
    complaint.insert(0, ": ");
  if (WIFEXITED(status))
    return fail(errc::backend_failure,
                what.program + " ended with code "
                  + std::to_string(WEXITSTATUS(status)) + complaint,
                WEXITSTATUS(status));
  // Nobody here sends SIGKILL to a program in time: memory was short.
  return fail(WTERMSIG(status) == SIGKILL ? errc::host_busy
                                          : errc::backend_failure,
              what.program + " was ended by signal "
                + std::to_string(WTERMSIG(status)) + complaint);
}

/// Children belong to the process, not to an object of it.
struct launched_processes {
  std::mutex mutex;
  std::vector<file_descriptor> processes;
};

launched_processes& launched() {
  static launched_processes all;
  return all;
}

/// A program that cannot be started fails every workload.
error cannot_start(error why) {
  if (why.code == errc::backend_failure)
    why.code = errc::host_unavailable;
  return why;
}

error check_path(const command& what) {
  if (what.program.empty() || what.program.front() != '/')
    return {errc::backend_failure,
            "program '" + what.program + "' is not an absolute path"};
  return {};
}

} // namespace

expected<command_output> run(const command& what) {
  if (auto wrong = check_path(what))
    return fail(wrong);
  auto out = make_pipe();
  auto err = make_pipe();
  if (!out || !err)
    return fail(!out ? out.error() : err.error());
  const auto deadline = steady::now() + what.deadline;
  auto pid = start(what, out->write.number(), err->write.number());
  if (!pid)
    return fail(cannot_start(pid.error()));
  child running{.pid = *pid,
                .process = open_process(*pid),
                .out = std::move(out->read),
                .err = std::move(err->read),
                .output_bytes_max = what.output_bytes_max};
  out->write.close();
  err->write.close();
  const auto in_time
    = running.process && running.wait(deadline, what.objection);
  // The group too: a program that ended may have left children behind. The
  // number is still its own, because nobody has waited for it yet.
  ::kill(-running.pid, SIGKILL);
  if (!in_time && running.process && !running.wait(steady::now() + kill_grace))
    return fail(errc::host_unavailable,
                what.program + " does not end even when killed");
  int status = 0;
  while (::waitpid(running.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (running.objected)
    return fail(std::move(running.objected));
  if (!in_time)
    return fail(errc::host_busy, what.program + " did not end within "
                                   + std::to_string(what.deadline.count())
                                   + " ms");
  return judge(what, std::move(running.output), status);
}

// By number: the C library's declarations are unusable from C++ in some
// releases.
file_descriptor open_process(int number) {
  return file_descriptor{
    static_cast<int>(::syscall(SYS_pidfd_open, number, 0))};
}

expected<file_descriptor> launch(const command& what) {
  if (auto wrong = check_path(what))
    return fail(wrong);
  reap_launched();
  const auto pid = start(what, -1, -1, POSIX_SPAWN_SETSID);
  if (!pid)
    return fail(pid.error());
  auto process = open_process(*pid);
  if (!process)
    return fail(last_system_error("watch " + what.program));
  if (file_descriptor own{::fcntl(process.number(), F_DUPFD_CLOEXEC, 0)}) {
    const std::lock_guard lock{launched().mutex};
    launched().processes.push_back(std::move(own));
  }
  return process;
}

std::size_t reap_launched() {
  const std::lock_guard lock{launched().mutex};
  auto& processes = launched().processes;
  std::erase_if(processes, [](const auto& process) { return reap(process); });
  return processes.size();
}

bool reap(const file_descriptor& process) noexcept {
  siginfo_t ended = {};
  int code = 0;
  do
    code = ::waitid(static_cast<idtype_t>(P_PIDFD),
                    static_cast<id_t>(process.number()), &ended,
                    WEXITED | WNOHANG);
  while (code != 0 && errno == EINTR);
  return code != 0 || ended.si_pid != 0;
}

expected<std::string> find_program(std::string_view name,
                                   std::string_view package) {
  for (const auto* place : {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"}) {
    auto path = place + std::string{name};
    if (::access(path.c_str(), X_OK) == 0)
      return path;
  }
  return fail(errc::host_unavailable, std::string{name}
                                        + " not found; install the package "
                                        + std::string{package});
}

std::optional<missing_program>
find_programs(std::initializer_list<needed_program> needed) {
  for (const auto& [place, name, package] : needed) {
    auto path = find_program(name, package);
    if (!path)
      return missing_program{path.error().message,
                             "install the package " + std::string{package}};
    place = std::move(*path);
  }
  return {};
}

} // namespace provision
