#pragma once

#include <string>

#include "backends/host/supervised_processes.hpp"
#include "backends/volume_backend.hpp"
#include "messages/workload_usage.hpp"

namespace provision {

/// On whose side of a cable the host counts.
enum class cable_end {
  /// The workload's own: what is received there, it receives.
  inner,
  /// The host's: what is received there, the workload sends.
  outer,
};

/// What a supervised workload uses: memory and processors by its control
/// groups, the device `name` of its network, and its disk, the volume of its
/// own id. errc::no_such_reservation if there is no such workload. Thread-safe.
expected<workload_usage> usage_of_process(const supervised_processes& all,
                                          volume_backend& volumes,
                                          const std::string& id,
                                          const std::string& device,
                                          cable_end end);

/// Of a table as /proc/<pid>/net/dev has it; nothing for a device that it
/// lacks.
void read_device(const std::string& table, const std::string& device,
                 cable_end end, workload_usage& into);

} // namespace provision
