#include "shim/held_start.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "shim/small_file.hpp"

namespace provision::shim {

namespace {

constexpr int cannot_start = 127;

std::vector<char*> words(const std::vector<std::string>& from) {
  std::vector<char*> result;
  for (const auto& one : from)
    result.push_back(const_cast<char*>(one.c_str()));
  result.push_back(nullptr);
  return result;
}

error enter_space(const std::string& path) {
  const int space = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (space < 0 || ::setns(space, CLONE_NEWNET) != 0)
    return errno_error("enter network namespace " + path);
  return {};
}

/// What others mount and unmount later still shows, so that no volume is kept
/// in use from here; what is done here shows to nobody.
error make_mounts(const std::vector<private_mount>& mounts) {
  if (::unshare(CLONE_NEWNS) != 0
      || ::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return errno_error("make a mount namespace");
  for (const auto& one : mounts) {
    const auto* target = one.target.c_str();
    // Whoever made the files may have put device nodes and set-uid programs
    // among them: they open no device of the host and give no right.
    const auto failed = one.type.empty()
                          ? ::umount2(target, MNT_DETACH)
                          : ::mount(one.type.c_str(), target, one.type.c_str(),
                                    MS_NODEV | MS_NOSUID, one.options.c_str());
    if (failed != 0)
      return errno_error((one.type.empty() ? "hide " : "mount ") + one.target);
  }
  return {};
}

error prepare(const process_spec& spec, int output, int errors) {
  ::setsid();
  // Not a file of the host: OCI runtimes give what they find here to the user
  // of the container.
  std::array<int, 2> input{};
  if (::pipe(input.data()) != 0 || ::dup2(input[0], 0) < 0
      || ::dup2(output, 1) < 0 || ::dup2(errors, 2) < 0)
    return errno_error("connect its output");
  ::close(input[0]);
  ::close(input[1]);
  if (!spec.network_space.empty())
    if (auto failed = enter_space(spec.network_space))
      return failed;
  if (!spec.mounts.empty())
    if (auto failed = make_mounts(spec.mounts))
      return failed;
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // What keeps the kernel from taking the daemon first is not for workloads.
  constexpr auto rank = "/proc/self/oom_score_adj";
  if (read_small(rank).starts_with('-'))
    if (auto failed = write_into(rank, "0"))
      return failed;
  // What is ignored stays so in a new program.
  ::signal(SIGPIPE, SIG_DFL);
  return {};
}

[[noreturn]] void become(const process_spec& spec, int output, int errors,
                         int gate, int complaint) {
  char go = 0;
  if (::read(gate, &go, 1) != 1)
    ::_exit(cannot_start);
  auto failed = prepare(spec, output, errors);
  if (!failed) {
    const auto arguments = words(spec.arguments);
    const auto environment = words(spec.environment);
    ::execve(arguments[0], arguments.data(), environment.data());
    failed = errno_error("start " + spec.arguments[0]);
  }
  // Nobody reads it any more if the shim died, and then it does not matter.
  [[maybe_unused]] const auto told
    = ::write(complaint, failed.message.data(), failed.message.size());
  ::_exit(cannot_start);
}

} // namespace

expected<held_start> held_start::make(const process_spec& spec, int output,
                                      int errors) {
  std::array<int, 2> gate{};
  std::array<int, 2> complaint{};
  if (::pipe2(gate.data(), O_CLOEXEC) != 0
      || ::pipe2(complaint.data(), O_CLOEXEC) != 0)
    return fail(errno_error("make a pipe"));
  const auto pid = ::fork();
  if (pid == 0) {
    // Its own end would keep the gate open for ever.
    ::close(gate[1]);
    ::close(complaint[0]);
    become(spec, output, errors, gate[0], complaint[1]);
  }
  ::close(gate[0]);
  ::close(complaint[1]);
  if (pid < 0)
    return fail(errno_error("make a process"));
  return held_start{pid, gate[1], complaint[0]};
}

held_start::held_start(int pid, int gate, int complaint)
  : pid_{pid}, gate_{gate}, complaint_{complaint} {
}

held_start::held_start(held_start&& other) noexcept
  : pid_{other.pid_}, gate_{std::exchange(other.gate_, -1)},
    complaint_{std::exchange(other.complaint_, -1)} {
}

held_start::~held_start() {
  if (gate_ >= 0)
    ::close(gate_);
  if (complaint_ >= 0)
    ::close(complaint_);
}

error held_start::release() {
  if (::write(gate_, "g", 1) != 1)
    return errno_error("let the process go");
  std::string told;
  std::array<char, 256> chunk{};
  for (;;) {
    // Closed by the kernel as soon as the program runs.
    const auto size = ::read(complaint_, chunk.data(), chunk.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      break;
    told.append(chunk.data(), static_cast<std::size_t>(size));
  }
  return told.empty() ? error{} : error{errc::backend_failure, told};
}

} // namespace provision::shim
