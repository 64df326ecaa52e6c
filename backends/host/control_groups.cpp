#include "backends/host/control_groups.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include <unistd.h>

#include "shim/small_file.hpp"

namespace provision {

namespace {

constexpr std::array<std::string_view, 3> controllers_used{"memory", "cpu",
                                                           "pids"};
constexpr std::uint64_t cpu_period_us = 100000;

std::vector<std::string> split(std::string text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in{std::move(text)};
  for (std::string part; std::getline(in, part, separator);)
    parts.push_back(part);
  return parts;
}

bool is_used(const std::string& controller) {
  return std::ranges::find(controllers_used, controller)
         != controllers_used.end();
}

/// Group of the newer version that the service manager lets us divide, such as
/// "/system.slice/provisiond-workloads.service"; empty if there is none. Not
/// that of this process itself: one that hands down controllers can have no
/// members, so the daemon could not be started in it again.
std::string delegated_group(const std::string& point, const std::string& own) {
  constexpr std::string_view newer_version = "0::";
  constexpr std::string_view service = ".service";
  std::istringstream lines{shim::read_small(own)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(newer_version) || !line.ends_with(service))
      continue;
    auto group = line.substr(newer_version.size());
    group.insert(group.size() - service.size(), "-workloads");
    if (::access((point + group).c_str(), F_OK) == 0)
      return group;
  }
  return {};
}

using limit_list = std::vector<shim::group_limit>;

void limit_memory(limit_list& to, const std::string& group,
                  const std::string& point, bool unified, std::uint64_t bytes) {
  const auto value = std::to_string(bytes);
  if (unified) {
    to.push_back({group + "/memory.max", value});
    to.push_back({group + "/memory.oom.group", "1"});
    // There with the kernel's swapping itself.
    if (::access("/proc/swaps", F_OK) == 0)
      to.push_back({group + "/memory.swap.max", "0"});
    return;
  }
  to.push_back({group + "/memory.limit_in_bytes", value});
  // Only kernels that account swap have it.
  constexpr auto with_swap = "/memory.memsw.limit_in_bytes";
  if (::access((point + with_swap).c_str(), F_OK) == 0)
    to.push_back({group + with_swap, value});
}

void limit_cpus(limit_list& to, const std::string& group, bool unified,
                std::uint64_t cpus) {
  const auto quota = std::to_string(cpus * cpu_period_us);
  const auto period = std::to_string(cpu_period_us);
  if (unified) {
    to.push_back({group + "/cpu.max", quota + ' ' + period});
    return;
  }
  to.push_back({group + "/cpu.cfs_period_us", period});
  to.push_back({group + "/cpu.cfs_quota_us", quota});
}

} // namespace

bool control_groups::hierarchy::has(std::string_view controller) const {
  return std::ranges::find(controllers, controller) != controllers.end();
}

bool control_groups::has(std::string_view controller) const {
  return std::ranges::any_of(
    hierarchies_, [&](const auto& one) { return one.has(controller); });
}

expected<control_groups> control_groups::find(const std::string& table,
                                              const std::string& own) {
  control_groups result;
  std::istringstream lines{shim::read_small(table)};
  for (std::string text; std::getline(lines, text);) {
    const auto words = split(text, ' ');
    if (words.size() < 4 || !words[2].starts_with("cgroup"))
      continue;
    hierarchy found{
      .point = words[1], .top = words[1], .is_unified = words[2] == "cgroup2"};
    if (found.is_unified)
      found.top += delegated_group(found.point, own);
    auto names = found.is_unified
                   ? shim::read_small(found.top + "/cgroup.controllers")
                   : words[3];
    if (found.is_unified && names.ends_with('\n'))
      names.pop_back();
    for (auto& name : split(names, found.is_unified ? ' ' : ','))
      if (is_used(name))
        found.controllers.push_back(name);
    if (found.is_unified || !found.controllers.empty())
      result.hierarchies_.push_back(std::move(found));
  }
  if (result.hierarchies_.empty())
    return fail(errc::backend_failure,
                "no control groups are mounted; mount cgroup2 on "
                "/sys/fs/cgroup");
  return result;
}

std::string control_groups::lacking() const {
  std::string result;
  for (const auto controller : controllers_used)
    if (!has(controller))
      result += (result.empty() ? "" : ", ") + std::string{controller};
  return result;
}

std::string control_groups::second_hierarchy() const {
  if (hierarchies_.size() < 2)
    return {};
  const auto found
    = std::ranges::find(hierarchies_, true, &hierarchy::is_unified);
  // Where it stands alone there, the older one is elsewhere and not seen.
  const bool is_seen
    = found != hierarchies_.end() && found->point != "/sys/fs/cgroup";
  return is_seen ? found->point : std::string{};
}

void control_groups::add_to(shim::process_spec& spec, std::string_view node,
                            std::string_view id,
                            const group_limits& limits) const {
  const auto parent = "/provision-" + std::string{node};
  for (const auto& one : hierarchies_) {
    const auto group = one.top + parent + '/' + std::string{id};
    spec.groups.push_back(group);
    // The newer version hands a controller down only when told to.
    for (const auto& controller : one.controllers)
      for (const auto& above : {one.top, one.top + parent})
        if (one.is_unified)
          spec.limits.push_back(
            {above + "/cgroup.subtree_control", '+' + controller});
    if (one.has("memory"))
      spec.oom_file
        = group + (one.is_unified ? "/memory.events" : "/memory.oom_control");
    if (one.has("memory") && limits.memory_bytes != 0)
      limit_memory(spec.limits, group, one.point, one.is_unified,
                   limits.memory_bytes);
    if (one.has("cpu") && limits.cpus != 0)
      limit_cpus(spec.limits, group, one.is_unified, limits.cpus);
    if (one.has("pids") && limits.tasks != 0)
      spec.limits.push_back(
        {group + "/pids.max", std::to_string(limits.tasks)});
  }
}

} // namespace provision
