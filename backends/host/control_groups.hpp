#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"
#include "shim/process_spec.hpp"

namespace provision {

/// What a process and all that it starts may take; 0: no limit.
struct group_limits {
  /// Bytes; there is no swap beyond it.
  std::uint64_t memory_bytes = 0;
  std::uint64_t cpus = 0;
  /// Processes and threads.
  std::uint64_t tasks = 0;
};

/// The control groups of this host, of either version or of both at once.
class control_groups {
public:
  /// From a table of mounts as /proc/self/mounts has it, and a list of this
  /// process's groups as /proc/self/cgroup has it. errc::backend_failure if
  /// there are none.
  static expected<control_groups>
  find(const std::string& table = "/proc/self/mounts",
       const std::string& own = "/proc/self/cgroup");

  /// What cannot be limited here: "memory, cpu"; empty if all can.
  std::string lacking() const;

  /// Where the newer version is mounted beside the older one, below
  /// /sys/fs/cgroup; else empty. crun, which looks there, refuses to work where
  /// it sees both.
  std::string second_hierarchy() const;

  /// Asks for groups with these limits: "provision-<node>/<id>" in each
  /// hierarchy; in the newer version below what the service manager has
  /// delegated, which is the group "<unit>-workloads.service" beside that of
  /// this process, "<unit>.service", if there is one.
  void add_to(shim::process_spec& spec, std::string_view node,
              std::string_view id, const group_limits& limits) const;

private:
  struct hierarchy {
    /// Where it is mounted.
    std::string point = {};
    /// Where workloads may be; as `point` if nothing was delegated.
    std::string top = {};
    bool is_unified = false;
    std::vector<std::string> controllers = {};

    bool has(std::string_view controller) const;
  };

  bool has(std::string_view controller) const;

  std::vector<hierarchy> hierarchies_;
};

} // namespace provision
