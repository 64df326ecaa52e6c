#pragma once

#include <cstdint>

namespace provision {

/// Bytes of the units in which reservations and configurations count.
inline constexpr std::uint64_t mib = std::uint64_t{1} << 20U;
inline constexpr std::uint64_t gib = std::uint64_t{1} << 30U;

} // namespace provision
