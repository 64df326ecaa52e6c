#pragma once

#include <cstdint>
#include <string_view>

namespace provision {

/// CRC-32C (Castagnoli) of `bytes`; `before` is the checksum of what precedes
/// them.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same without special instructions of the processor.
std::uint32_t crc32c_by_table(std::string_view bytes,
                              std::uint32_t before = 0) noexcept;

} // namespace provision
