#include "shim/process_group.hpp"

#include <cerrno>
#include <charconv>
#include <csignal>
#include <string_view>

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/small_file.hpp"

namespace provision::shim {

namespace {

/// Turns of a millisecond or more.
constexpr int turns_max = 5000;

void pause_shortly() {
  ::poll(nullptr, 0, 1);
}

/// Groups above others bear this name, so that one without members is known as
/// ours.
constexpr std::string_view own_prefix = "provision-";

error make_folders_once(const std::string& path) {
  for (auto slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const auto part = path.substr(0, slash);
    if (::mkdir(part.c_str(), 0755) != 0 && errno != EEXIST)
      return errno_error("make control group " + part);
    if (slash == std::string::npos)
      return {};
  }
}

error make_folders(const std::string& path) {
  // What stands above may be removed by the last of its members meanwhile.
  constexpr int attempts_max = 100;
  error failed;
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    failed = make_folders_once(path);
    if (failed.detail != ENOENT)
      break;
  }
  return failed;
}

/// What stands above and has no other members.
void remove_empty_parents(std::string path) {
  for (;;) {
    path.erase(path.rfind('/'));
    const auto name = path.substr(path.rfind('/') + 1);
    if (!name.starts_with(own_prefix) || ::rmdir(path.c_str()) != 0)
      return;
  }
}

std::vector<int> members_of(const std::string& group) {
  std::vector<int> result;
  const auto text = read_small(group + "/cgroup.procs");
  const auto* at = text.data();
  const auto* end = at + text.size();
  while (at != end) {
    int pid = 0;
    at = std::from_chars(at, end, pid).ptr;
    if (pid > 0)
      result.push_back(pid);
    while (at != end && (*at < '0' || *at > '9'))
      ++at;
  }
  return result;
}

void kill_once(const std::string& group) {
  // The newer kind of group kills all at once, forking ones too.
  if (!write_into(group + "/cgroup.kill", "1"))
    return;
  for (const auto pid : members_of(group))
    ::kill(pid, SIGKILL);
}

} // namespace

error make_groups(const process_spec& spec) {
  for (const auto& group : spec.groups)
    if (auto failed = make_folders(group))
      return failed;
  for (const auto& limit : spec.limits)
    if (auto failed = write_into(limit.file, limit.value))
      return failed;
  return {};
}

error join_groups(const process_spec& spec, int pid) {
  for (const auto& group : spec.groups)
    if (auto failed = write_into(group + "/cgroup.procs", std::to_string(pid)))
      return failed;
  return {};
}

bool has_members(const process_spec& spec) {
  for (const auto& group : spec.groups)
    if (!members_of(group).empty())
      return true;
  return false;
}

error kill_members(const process_spec& spec) {
  for (int turn = 0; turn < turns_max && has_members(spec); ++turn) {
    for (const auto& group : spec.groups)
      kill_once(group);
    pause_shortly();
  }
  if (has_members(spec))
    return {errc::host_busy, "processes in control group " + spec.groups.front()
                               + " do not end even when killed"};
  return {};
}

error remove_groups(const process_spec& spec) {
  for (const auto& group : spec.groups) {
    int turn = 0;
    while (::rmdir(group.c_str()) != 0 && errno != ENOENT) {
      if (errno != EBUSY || ++turn == turns_max)
        return errno_error("remove control group " + group);
      pause_shortly();
    }
    remove_empty_parents(group);
  }
  return {};
}

std::uint64_t oom_kills(const process_spec& spec) {
  constexpr std::string_view key = "oom_kill ";
  if (spec.oom_file.empty())
    return 0;
  const auto text = read_small(spec.oom_file);
  const auto at = text.find(key);
  std::uint64_t count = 0;
  if (at != std::string::npos)
    std::from_chars(text.data() + at + key.size(), text.data() + text.size(),
                    count);
  return count;
}

} // namespace provision::shim
