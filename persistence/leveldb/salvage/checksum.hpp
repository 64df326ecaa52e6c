#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// LevelDB's checksums, and what they still tell of bytes that do not match.
namespace provision::salvage {

/// How a stretch of a file stands to its checksum.
enum class state : std::uint8_t {
  sound,
  /// One byte was wrong and has been put right.
  mended,
  damaged,
};

/// A byte that is wrong: its place, and which of its bits are.
struct wrong_byte {
  std::size_t at = 0;
  std::uint8_t bits = 0;
};

/// The one byte that must change so that `bytes` have the CRC-32C `crc`;
/// nothing if there is none, or if it cannot be told which. A flipped bit is
/// always found: the checksums of two such changes differ.
std::optional<wrong_byte> find_wrong_byte(std::string_view bytes,
                                          std::uint32_t crc);

/// Compares `bytes` with `stored`, a checksum as it is in LevelDB's files, and
/// puts one wrong byte right: in `bytes`, or in the checksum itself.
state check_and_mend(std::string& file, std::size_t from, std::size_t size,
                     std::uint32_t stored);

/// The form in which LevelDB stores a CRC-32C.
std::uint32_t to_stored(std::uint32_t crc) noexcept;

/// Four bytes, little-endian.
std::uint32_t fixed32(std::string_view bytes) noexcept;

} // namespace provision::salvage
