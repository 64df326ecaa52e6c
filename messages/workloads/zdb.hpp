#pragma once

#include <cstdint>
#include <string>

#include "messages/workloads/enums.hpp"

namespace provision::workloads {

/// A namespace in a 0-db server.
struct zdb {
  /// GiB.
  std::uint64_t size = 0;
  zdb_mode mode = zdb_mode::seq;
  /// Hex of the encrypted password; empty: none.
  std::string password = {};
  workloads::disk_type disk_type = workloads::disk_type::hdd;
  /// Readable without the password.
  bool is_public = false;

  bool operator==(const zdb&) const = default;
};

} // namespace provision::workloads
