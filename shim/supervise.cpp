#include "shim/supervise.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <ctime>
#include <map>
#include <optional>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/held_start.hpp"
#include "shim/kept_output.hpp"
#include "shim/process_group.hpp"
#include "shim/process_spec.hpp"
#include "shim/process_state.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

namespace provision::shim {

namespace {

using milliseconds = std::chrono::milliseconds;
using cause = process_exit::cause;

/// Running time of the machine, sleep included.
milliseconds now() {
  timespec time = {};
  ::clock_gettime(CLOCK_BOOTTIME, &time);
  return std::chrono::duration_cast<milliseconds>(
    std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec});
}

/// Told by the number: it is held until this process ends.
error take_lock(const std::string& path) {
  const int file
    = ::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (file < 0 || ::fcntl(file, F_SETLK, &whole) != 0)
    return errno_error("lock " + path);
  return {};
}

/// Everything that this process has started and that has not ended: theirs too,
/// because they become our children when their own parents end.
std::vector<int> children() {
  std::vector<int> result;
  const auto text = read_small("/proc/thread-self/children");
  const auto* at = text.data();
  const auto* end = at + text.size();
  while (at != end) {
    int pid = 0;
    const auto [stopped, wrong] = std::from_chars(at, end, pid);
    if (wrong != std::errc{})
      break;
    result.push_back(pid);
    at = stopped == end ? end : stopped + 1;
  }
  return result;
}

class supervision {
public:
  supervision(std::string folder, witness& by)
    : folder_{std::move(folder)}, by_{by} {}

  void run();

private:
  std::string path(const char* name) const { return folder_ + '/' + name; }
  error take_over();
  error prepare();
  error start();
  error wait_for_starter(int starter);
  error record(int pid);
  void tell(const error& failure);
  void watch();
  void hear_signals();
  void reap();
  void ended(int status);
  void stop();
  void wait(milliseconds longest);
  void clear_run();
  void start_again();
  void finish(process_exit what);
  process_exit exit_of(int status) const;
  bool may_restart();

  const std::string folder_;
  witness& by_;
  process_spec spec_;
  process_state state_;
  kept_output output_;
  int signals_ = -1;
  bool told_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  /// Children whose end nobody asked for yet.
  std::map<int, int> ends_;
  std::optional<milliseconds> kill_at_;
  std::optional<milliseconds> start_at_;
  std::uint64_t oom_kills_before_ = 0;
};

void supervision::run() {
  by_.before("lock");
  auto failed = take_over();
  if (failed) {
    // Another one is at work here: nothing may be written.
    by_.started(failed);
    return;
  }
  failed = prepare();
  if (!failed)
    failed = start();
  if (failed)
    finish({.why = stopping_ ? cause::stopped : cause::not_started,
            .message = failed.message});
  tell(failed);
  watch();
}

void supervision::tell(const error& failure) {
  if (!told_)
    by_.started(failure);
  told_ = true;
}

error supervision::take_over() {
  if (auto failed = take_lock(path(lock_name)))
    return failed;
  auto spec = read_spec(read_small(path(spec_name)));
  if (!spec)
    return spec.error();
  spec_ = std::move(*spec);
  return {};
}

error supervision::prepare() {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  sigset_t wanted;
  sigemptyset(&wanted);
  sigaddset(&wanted, SIGCHLD);
  sigaddset(&wanted, SIGTERM);
  ::sigprocmask(SIG_SETMASK, &wanted, nullptr);
  signals_ = ::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
  if (signals_ < 0)
    return errno_error("prepare to watch");
  if (auto failed = output_.open(folder_, spec_))
    return failed;
  by_.before("clear");
  // Ends that a shim before this one saw count too.
  if (const auto old = read_state(read_small(path(state_name)));
      old && old->process.boot_id == boot_id())
    state_ = *old;
  if (auto failed = kill_members(spec_))
    return failed;
  if (::unlink(path(exit_name).c_str()) != 0 && errno != ENOENT)
    return errno_error("remove " + path(exit_name));
  return {};
}

error supervision::start() {
  by_.before("group");
  if (auto failed = make_groups(spec_))
    return failed;
  if (!spec_.scratch.empty()) {
    if (auto failed = remove_tree(spec_.scratch))
      return failed;
    if (::mkdir(spec_.scratch.c_str(), 0700) != 0)
      return errno_error("make " + spec_.scratch);
  }
  oom_kills_before_ = oom_kills(spec_);
  by_.before("make process");
  auto made = held_start::make(spec_, output_.output(), output_.errors());
  if (!made)
    return made.error();
  if (auto failed = join_groups(spec_, made->pid()))
    return failed;
  by_.before("record");
  if (auto failed = record(made->pid()))
    return failed;
  by_.before("release");
  if (auto failed = made->release())
    return failed;
  by_.before("go on");
  return spec_.pid_file.empty() ? error{} : wait_for_starter(made->pid());
}

error supervision::record(int pid) {
  state_.process = {.pid = pid,
                    .start_time = pid == 0 ? 0 : start_time_of(pid),
                    .boot_id = boot_id()};
  return write_durably(path(state_name), write_state(state_));
}

error supervision::wait_for_starter(int starter) {
  while (!ends_.contains(starter)) {
    wait(milliseconds{1000});
    hear_signals();
    if (stopping_)
      return {errc::shutting_down, "was told to stop"};
  }
  const auto status = ends_.extract(starter).mapped();
  if (status != 0)
    return {errc::backend_failure,
            spec_.arguments[0] + ' ' + describe(exit_of(status))};
  const auto text = read_small(spec_.pid_file);
  int pid = 0;
  std::from_chars(text.data(), text.data() + text.size(), pid);
  if (pid <= 0)
    return {errc::backend_failure,
            spec_.arguments[0] + " did not write " + spec_.pid_file};
  by_.before("record workload");
  if (auto failed = record(pid))
    return failed;
  by_.before("watch");
  return {};
}

void supervision::watch() {
  while (!finished_) {
    if (const auto end = ends_.find(state_.process.pid); end != ends_.end()) {
      const auto status = end->second;
      ends_.erase(end);
      ended(status);
      continue;
    }
    ends_.clear();
    if (start_at_ && now() >= *start_at_) {
      start_again();
      continue;
    }
    if (kill_at_ && now() >= *kill_at_) {
      kill_at_.reset();
      ::kill(state_.process.pid, SIGKILL);
    }
    auto longest = milliseconds{-1};
    if (const auto next = start_at_ ? start_at_ : kill_at_)
      longest = std::max(*next - now(), milliseconds{0});
    wait(longest);
    hear_signals();
  }
}

/// Until something happens.
void supervision::wait(milliseconds longest) {
  const auto pipes = output_.pipes();
  std::array<pollfd, 3> events{
    {{signals_, POLLIN, 0}, {pipes[0], POLLIN, 0}, {pipes[1], POLLIN, 0}}};
  ::poll(events.data(), events.size(), static_cast<int>(longest.count()));
  if (events[1].revents != 0 || events[2].revents != 0)
    output_.copy();
}

void supervision::hear_signals() {
  signalfd_siginfo heard = {};
  while (::read(signals_, &heard, sizeof heard)
         == static_cast<ssize_t>(sizeof heard))
    if (heard.ssi_signo == SIGTERM)
      stop();
  reap();
}

void supervision::reap() {
  int status = 0;
  for (int pid = 0; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    ends_[pid] = status;
}

void supervision::stop() {
  stopping_ = true;
  if (start_at_) {
    finish({.why = cause::stopped});
    return;
  }
  if (state_.process.pid > 0 && !ends_.contains(state_.process.pid))
    ::kill(state_.process.pid, SIGTERM);
  if (!kill_at_)
    kill_at_ = now() + spec_.grace;
}

process_exit supervision::exit_of(int status) const {
  process_exit result;
  if (WIFEXITED(status))
    result.code = WEXITSTATUS(status);
  else
    result.signal = WTERMSIG(status);
  result.out_of_memory = oom_kills(spec_) > oom_kills_before_;
  return result;
}

/// Whether it may be started again: not if it has ended too often of late.
bool supervision::may_restart() {
  const auto ended_at = static_cast<std::uint64_t>(now().count());
  const auto window = static_cast<std::uint64_t>(spec_.restart_window.count());
  state_.ends.push_back(ended_at);
  std::erase_if(state_.ends, [&](std::uint64_t at) {
    return at > ended_at || ended_at - at > window;
  });
  return state_.ends.size() <= spec_.restarts_max;
}

void supervision::ended(int status) {
  kill_at_.reset();
  auto what = exit_of(status);
  if (stopping_)
    what.why = cause::stopped;
  else if (spec_.restarts_max == 0)
    what.why = cause::ended;
  else if (!may_restart())
    what.why = cause::gave_up;
  else {
    clear_run();
    by_.before("record pause");
    // If that cannot be written, the old record names a process that is gone.
    record(0);
    start_at_ = now() + spec_.restart_delay;
    return;
  }
  finish(std::move(what));
}

void supervision::start_again() {
  start_at_.reset();
  ++state_.restarts;
  if (auto failed = start()) {
    finish({.why = stopping_ ? cause::stopped : cause::not_started,
            .message = failed.message});
    return;
  }
}

/// Ends what the workload has left behind.
void supervision::clear_run() {
  kill_members(spec_);
  constexpr int turns_max = 5000;
  for (int turn = 0; turn < turns_max; ++turn) {
    reap();
    const auto left = children();
    if (left.empty())
      break;
    for (const auto pid : left)
      ::kill(pid, SIGKILL);
    ::poll(nullptr, 0, 1);
  }
  ends_.clear();
  output_.copy();
}

void supervision::finish(process_exit what) {
  finished_ = true;
  by_.before("write exit");
  write_durably(path(exit_name), write_exit(what));
  by_.before("kill rest");
  clear_run();
  by_.before("remove group");
  remove_groups(spec_);
  if (!spec_.scratch.empty())
    remove_tree(spec_.scratch);
  by_.before("leave");
}

} // namespace

void supervise(const std::string& folder, witness& by) {
  supervision{folder, by}.run();
}

} // namespace provision::shim
