#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/container_backend.hpp"

namespace provision {

/// What is needed to start a container again after a reboot, and to take it
/// away: what it holds of others. Its program and limits are in the record of
/// its process.
struct container_record {
  std::string network_id = {};
  std::vector<workloads::ip_address> addresses = {};
  /// Ids of its volumes, its disk apart.
  std::vector<std::string> volumes = {};
  std::uint64_t disk_bytes = 0;

  bool operator==(const container_record&) const = default;
};

container_record record_of(const container_order& order);

/// As lines of text (shim/lines.hpp).
std::string write_record(const container_record& record);
/// errc::storage_corrupt for anything that write_record() did not make.
expected<container_record> read_container_record(std::string_view text);

} // namespace provision
