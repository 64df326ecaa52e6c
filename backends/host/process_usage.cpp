#include "backends/host/process_usage.hpp"

#include <algorithm>
#include <sstream>

#include "backends/host/group_figures.hpp"
#include "shim/process_spec.hpp"
#include "shim/process_state.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

using namespace group_figures;

/// Groups of either version, or of both at once, as control_groups makes them.
void read_group(const std::string& group, workload_usage& into) {
  for (const auto* name : {"/memory.current", "/memory.usage_in_bytes"})
    if (!into.memory_bytes)
      into.memory_bytes = number_in(shim::read_small(group + name));
  if (into.cpu_us)
    return;
  into.cpu_us
    = number_behind(shim::read_small(group + "/cpu.stat"), "usage_usec");
  constexpr std::uint64_t ns_per_us = 1000;
  if (const auto ns = number_in(shim::read_small(group + "/cpuacct.usage"));
      ns && !into.cpu_us)
    into.cpu_us = *ns / ns_per_us;
}

} // namespace

void read_device(const std::string& table, const std::string& device,
                 cable_end end, workload_usage& into) {
  std::istringstream lines{table};
  for (std::string line; std::getline(lines, line);) {
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    if (colon == std::string::npos
        || name.substr(std::min(name.find_first_not_of(' '), name.size()))
             != device)
      continue;
    std::istringstream numbers{line.substr(colon + 1)};
    std::uint64_t received = 0;
    std::uint64_t other = 0;
    std::uint64_t sent = 0;
    // Eight of what was received, then eight of what was sent.
    numbers >> received;
    for (int i = 1; i < 8; ++i)
      numbers >> other;
    if (!(numbers >> sent))
      return;
    if (end == cable_end::outer)
      std::swap(received, sent);
    into.received_bytes = received;
    into.sent_bytes = sent;
    return;
  }
}

expected<workload_usage> usage_of_process(const supervised_processes& all,
                                          volume_backend& volumes,
                                          const std::string& id,
                                          const std::string& device,
                                          cable_end end) {
  const auto facts = all.look(id);
  if (facts.is == process_facts::state::unknown)
    return fail(errc::backend_failure, facts.reason);
  if (facts.is == process_facts::state::absent)
    return fail(errc::no_such_reservation,
                "there is no workload " + id + " on this host");
  workload_usage result;
  const auto spec = shim::read_spec(
    shim::read_small(all.folder_of(id) + '/' + shim::spec_name));
  if (spec)
    for (const auto& group : spec->groups)
      read_group(group, result);
  if (facts.pid > 0)
    read_device(
      shim::read_small("/proc/" + std::to_string(facts.pid) + "/net/dev"),
      device, end, result);
  if (const auto disk = volumes.usage(id)) {
    result.disk_bytes = disk->disk_bytes;
    result.disk_bytes_max = disk->disk_bytes_max;
  }
  return result;
}

} // namespace provision
