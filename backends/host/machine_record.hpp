#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "backends/machine_backend.hpp"

namespace provision {

/// What is needed to give back what a machine took and to start it after a
/// reboot. No secret is in it.
struct machine_record {
  std::string network_id = {};
  workloads::ip_address address = {};
  std::uint64_t disk_bytes = 0;

  bool operator==(const machine_record&) const = default;
};

/// As lines of text; half of them are no record.
std::string write_record(const machine_record& record);
/// errc::storage_corrupt for anything that write_record() did not make.
expected<machine_record> read_machine_record(std::string_view text);

} // namespace provision
