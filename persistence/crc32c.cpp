#include "persistence/crc32c.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstring>

namespace provision {

namespace {

using table = std::array<std::uint32_t, 256>;

/// Row n holds the effect of a byte that n further bytes follow, so that eight
/// bytes cost eight independent look-ups.
constexpr std::array<table, 8> make_tables() {
  constexpr std::uint32_t reversed_polynomial = 0x82f63b78U;
  std::array<table, 8> result{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto crc = byte;
    for (int bit = 0; bit < 8; ++bit)
      crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? reversed_polynomial : 0U);
    result[0][byte] = crc;
  }
  for (std::size_t row = 1; row < 8; ++row)
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto above = result[row - 1][byte];
      result[row][byte] = (above >> 8U) ^ result[0][above & 0xffU];
    }
  return result;
}

constexpr auto tables = make_tables();

constexpr std::uint32_t step(std::uint32_t crc, char byte) noexcept {
  return (crc >> 8U)
         ^ tables[0][(crc ^ static_cast<unsigned char>(byte)) & 0xffU];
}

} // namespace

std::uint32_t crc32c(std::string_view bytes, std::uint32_t before) noexcept {
  static_assert(std::endian::native == std::endian::little,
                "the eight-byte step reads little-endian words");
  auto crc = ~before;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    word ^= crc;
    crc = 0;
    for (std::size_t n = 0; n < 8; ++n)
      crc ^= tables[7 - n][(word >> (8 * n)) & 0xffU];
    bytes.remove_prefix(8);
  }
  for (const char byte : bytes)
    crc = step(crc, byte);
  return ~crc;
}

} // namespace provision
