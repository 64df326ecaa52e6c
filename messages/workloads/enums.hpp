#pragma once

#include <cstdint>
#include <string_view>

namespace provision::workloads {

/// Kind of disk. The numbers are the explorer's.
enum class disk_type : std::uint8_t { hdd = 0, ssd = 1 };

/// Mode of a 0-db namespace. The numbers are the explorer's.
enum class zdb_mode : std::uint8_t { seq = 0, user = 1 };

/// "hdd", "ssd"; "UNKNOWN" for a number outside the table.
std::string_view to_string(disk_type type) noexcept;

/// "seq", "user"; "UNKNOWN" for a number outside the table.
std::string_view to_string(zdb_mode mode) noexcept;

} // namespace provision::workloads
