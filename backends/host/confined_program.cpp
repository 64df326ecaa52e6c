#include "backends/host/confined_program.hpp"

#include <array>
#include <thread>

#include <fcntl.h>
#include <pwd.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include "backends/host/start_thread.hpp"
#include "backends/host/without_powers.hpp"

namespace provision {

namespace {

/// A fetch takes some dozens, most of them Go's threads: more on a host with
/// many processors.
const std::string tasks_max = "1024";

error cannot(const std::string& what) {
  auto failed = last_system_error(what);
  failed.code = errc::host_unavailable;
  return failed;
}

error change_mount(const std::string& path, unsigned how, std::uint64_t set,
                   std::uint64_t clear = 0) {
  mount_attr wanted = {};
  wanted.attr_set = set;
  wanted.attr_clr = clear;
  if (::mount_setattr(AT_FDCWD, path.c_str(), how, &wanted, sizeof wanted) != 0)
    return cannot("change the mount of " + path);
  return {};
}

/// Moves this thread, and what it starts from now on, into namespaces of their
/// own.
error set_apart(const confinement& how) {
  if (::unshare(CLONE_FS | CLONE_NEWNS | CLONE_NEWPID) != 0)
    return cannot("make namespaces for a program");
  // What others unmount goes away here, too, and is not kept in use.
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    return cannot("make mounts of its own for a program");
  if (::mount(how.folder.c_str(), how.stage.c_str(), nullptr, MS_BIND, nullptr)
      != 0)
    return cannot("mount " + how.folder + " over " + how.stage);
  if (auto failed = change_mount("/", AT_RECURSIVE, MOUNT_ATTR_RDONLY))
    return failed;
  // The thread itself writes there what is inherited: see take_rank().
  if (auto failed = change_mount("/proc", 0, 0, MOUNT_ATTR_RDONLY))
    return failed;
  return change_mount(how.stage, 0,
                      MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
                      MOUNT_ATTR_RDONLY);
}

command confined(const command& what, const confinement& how) {
  std::vector<std::string> words{"--core=0:0"};
  // Who is others, too, may have more already.
  if (how.user.is_own)
    words.push_back("--nproc=" + tasks_max + ':' + tasks_max);
  const auto powerless = without_powers(how.setpriv);
  words.insert(words.end(), powerless.begin(), powerless.end());
  words.insert(words.end(), {"--reuid=" + std::to_string(how.user.user),
                             "--regid=" + std::to_string(how.user.group),
                             "--clear-groups", "--", what.program});
  words.insert(words.end(), what.arguments.begin(), what.arguments.end());
  auto result = what;
  result.program = how.prlimit;
  result.arguments = std::move(words);
  return result;
}

/// It is the program itself that people know.
error renamed(error failed, const command& what, const confinement& how) {
  if (failed.message.starts_with(how.prlimit + ' '))
    failed.message.replace(0, how.prlimit.size(), what.program);
  return failed;
}

} // namespace

expected<powerless_user> find_fetch_user() {
  constexpr std::string_view own = "provisiond-fetch";
  for (const auto* name : {own.data(), "nobody"}) {
    constexpr std::size_t room = 4096;
    std::array<char, room> buffer{};
    passwd entry = {};
    passwd* found = nullptr;
    ::getpwnam_r(name, &entry, buffer.data(), buffer.size(), &found);
    if (found == nullptr)
      continue;
    if (entry.pw_uid == 0 || entry.pw_gid == 0)
      return fail(errc::host_unavailable,
                  std::string{"the user "} + name
                    + " is root, or of root's group; it must have no rights");
    return powerless_user{name, entry.pw_uid, entry.pw_gid, name == own};
  }
  return fail(errc::host_unavailable,
              "there is neither a user provisiond-fetch nor nobody; make the "
              "former with systemd-sysusers");
}

expected<command_output> run_confined(const command& what,
                                      const confinement& how) {
  expected<command_output> result;
  std::thread apart;
  if (auto failed = start_thread(apart, [&] {
        if (auto stuck = set_apart(how))
          result = fail(stuck);
        else
          result = run(confined(what, how));
      }))
    return fail(failed);
  apart.join();
  if (!result)
    return fail(renamed(result.error(), what, how));
  return result;
}

} // namespace provision
