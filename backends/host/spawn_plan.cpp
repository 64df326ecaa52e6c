#include "backends/host/spawn_plan.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <mutex>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

namespace provision {

namespace {

constexpr auto rank_file = "/proc/self/oom_score_adj";

void write_rank(int rank) {
  // Whoever may not does not come to harm.
  std::ofstream{rank_file} << rank;
}

struct ranks {
  std::mutex mutex;
  bool differ = false;
  int own = 0;
  int of_children = 0;
};

ranks& known_ranks() {
  static ranks all;
  return all;
}

/// As long as it lives, this process has the rank that its children are to
/// have: they inherit it.
class rank_of_children {
public:
  rank_of_children() : ranks_{known_ranks()}, lock_{ranks_.mutex} {
    if (ranks_.differ)
      write_rank(ranks_.of_children);
  }
  ~rank_of_children() {
    if (ranks_.differ)
      write_rank(ranks_.own);
  }
  rank_of_children(const rank_of_children&) = delete;
  rank_of_children& operator=(const rank_of_children&) = delete;

private:
  ranks& ranks_;
  std::lock_guard<std::mutex> lock_;
};

/// A program is scheduled like this process, whatever the calling thread is.
short schedule_like_process(posix_spawnattr_t& attributes) {
  const auto policy = ::sched_getscheduler(::getpid());
  sched_param parameters{};
  if (policy == ::sched_getscheduler(0)
      || ::sched_getparam(::getpid(), &parameters) != 0)
    return 0;
  posix_spawnattr_setschedpolicy(&attributes, policy);
  posix_spawnattr_setschedparam(&attributes, &parameters);
  return POSIX_SPAWN_SETSCHEDULER;
}

} // namespace

void take_rank(int own) {
  auto& all = known_ranks();
  const std::lock_guard lock{all.mutex};
  std::ifstream{rank_file} >> all.of_children;
  all.own = own;
  all.differ = all.own != all.of_children;
  write_rank(own);
}

spawn_plan::spawn_plan(const std::vector<int>& files, short separation) {
  sigset_t none;
  sigset_t all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(
    &attributes, static_cast<short>(separation | POSIX_SPAWN_SETSIGMASK
                                    | POSIX_SPAWN_SETSIGDEF
                                    | schedule_like_process(attributes)));
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawn_file_actions_init(&actions);
  const auto count = static_cast<int>(files.size());
  for (int as = 0; as < count; ++as) {
    const auto number = files[static_cast<std::size_t>(as)];
    if (number < 0)
      posix_spawn_file_actions_addopen(&actions, as, "/dev/null",
                                       as == 0 ? O_RDONLY : O_WRONLY, 0);
    else
      posix_spawn_file_actions_adddup2(&actions, number, as);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, count);
  posix_spawn_file_actions_addchdir_np(&actions, "/");
}

spawn_plan::~spawn_plan() {
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
}

expected<pid_t> spawn(const std::string& program,
                      std::vector<std::string> arguments,
                      const spawn_plan& plan) {
  std::vector<char*> words;
  for (auto& word : arguments)
    words.push_back(word.data());
  words.push_back(nullptr);
  std::string language = "LC_ALL=C";
  std::string path = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
  std::array<char*, 3> environment{language.data(), path.data(), nullptr};
  pid_t pid = 0;
  const rank_of_children for_a_moment;
  const auto code
    = posix_spawn(&pid, program.c_str(), &plan.actions, &plan.attributes,
                  words.data(), environment.data());
  if (code != 0)
    return fail(system_error("start " + program, code));
  return pid;
}

expected<file_descriptor> file_of(const std::string& text) {
  if (text.empty())
    return file_descriptor{};
  file_descriptor file{::memfd_create("input", MFD_CLOEXEC)};
  if (!file)
    return fail(last_system_error("memfd_create"));
  for (std::size_t done = 0; done < text.size();) {
    const auto size = ::pwrite(file.number(), text.data() + done,
                               text.size() - done, static_cast<off_t>(done));
    if (size < 0 && errno != EINTR)
      return fail(last_system_error("write a program's input"));
    if (size > 0)
      done += static_cast<std::size_t>(size);
  }
  return file;
}

} // namespace provision
