#pragma once

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backends/host/mounts.hpp"

namespace provision::test {

/// What can be left behind on a host: mounts, network namespaces, links and
/// WireGuard sockets whose name contains one of `marks`, because other tests
/// run meanwhile, and processes that this thread started.
class host_traces {
public:
  explicit host_traces(std::vector<std::string> marks)
    : marks_{std::move(marks)} {
    add_names("/run/netns", "space ");
    add_names("/sys/class/net", "link ");
    add_names("/var/run/wireguard", "socket ");
    if (const auto all = mounts())
      for (const auto& mount : *all)
        add("mount ", mount.point);
    add_children();
  }

  /// What is here and was not `before`, in words.
  std::string beyond(const host_traces& before) const {
    std::string result;
    for (const auto& one : seen_)
      if (!before.seen_.contains(one))
        result += one + '\n';
    return result;
  }

private:
  void add_names(const std::string& place, const std::string& kind) {
    std::error_code failure;
    for (const auto& one : std::filesystem::directory_iterator{place, failure})
      add(kind, one.path().filename().string());
  }

  void add(const std::string& kind, const std::string& name) {
    for (const auto& mark : marks_)
      if (name.find(mark) != std::string::npos)
        seen_.insert(kind + name);
  }

  /// Processes that this one started, dead ones too.
  void add_children() {
    std::ifstream list{"/proc/thread-self/children"};
    for (std::string pid; list >> pid;)
      seen_.insert("process " + pid);
  }

  std::vector<std::string> marks_;
  std::set<std::string> seen_;
};

} // namespace provision::test
