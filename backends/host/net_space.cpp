#include "backends/host/net_space.hpp"

#include <cerrno>
#include <filesystem>
#include <thread>

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/folder.hpp"

namespace provision::net_space {

namespace {

/// `enter` moves the thread that it runs on; that thread does nothing else.
error on_own_thread(const std::function<error()>& enter,
                    const std::function<void()>& what) {
  error failed;
  std::thread visitor{[&] {
    failed = enter();
    if (!failed)
      what();
  }};
  visitor.join();
  return failed;
}

} // namespace

std::string path_of(const std::string& name) {
  return "/run/netns/" + name;
}

presence look(const std::string& name) {
  const auto path = path_of(name);
  struct statfs facts = {};
  if (::statfs(path.c_str(), &facts) != 0)
    return errno == ENOENT ? presence::absent : presence::unknown;
  return facts.f_type == NSFS_MAGIC ? presence::present : presence::partial;
}

expected<std::vector<std::string>> names_with(const std::string& beginning) {
  std::vector<std::string> found;
  const auto place = path_of({});
  std::error_code failure;
  // Until the first one is made the folder need not be there.
  if (!std::filesystem::exists(place, failure) && !failure)
    return found;
  const auto spaces = folder::open(place);
  const auto names = spaces ? spaces->names() : fail(spaces.error());
  if (!names)
    return fail(names.error());
  for (const auto& name : *names)
    if (name.starts_with(beginning))
      found.push_back(name.substr(beginning.size()));
  return found;
}

error visit(const std::string& name, const std::function<void()>& what) {
  if (name.empty()) {
    what();
    return {};
  }
  return on_own_thread(
    [&]() -> error {
      const file_descriptor space{
        ::open(path_of(name).c_str(), O_RDONLY | O_CLOEXEC)};
      if (!space || ::setns(space.number(), CLONE_NEWNET) != 0)
        return last_system_error("enter network namespace " + name);
      return {};
    },
    what);
}

error visit_fresh(const std::function<void()>& what) {
  return on_own_thread(
    []() -> error {
      if (::unshare(CLONE_NEWNET) != 0)
        return last_system_error("make a network namespace");
      return {};
    },
    what);
}

} // namespace provision::net_space
