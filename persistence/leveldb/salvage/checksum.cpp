#include "persistence/leveldb/salvage/checksum.hpp"

#include <array>
#include <bit>

#include "persistence/crc32c.hpp"

namespace provision::salvage {

namespace {

constexpr std::uint32_t mask_delta = 0xa282ead8U;

std::uint32_t from_stored(std::uint32_t stored) noexcept {
  return std::rotl(stored - mask_delta, 15);
}

/// A checksum is linear: what a change of the last byte does to it depends on
/// neither the byte nor those before. This is the change, by the bits changed.
std::array<std::uint32_t, 256> changes_of_last_byte() {
  std::array<std::uint32_t, 256> changes{};
  for (std::size_t bits = 0; bits < changes.size(); ++bits) {
    const auto byte = static_cast<char>(bits);
    changes[bits] = crc32c({&byte, 1}) ^ crc32c({"\0", 1});
  }
  return changes;
}

/// Bits of a byte that change a checksum by `wanted`, if the single bits change
/// it as in `by_bit`; 0 if there are none.
std::uint8_t bits_for(std::uint32_t wanted,
                      const std::array<std::uint32_t, 8>& by_bit) {
  std::uint32_t change = 0;
  // In Gray's order each step changes one bit.
  for (unsigned n = 1; n < 256; ++n) {
    change ^= by_bit[static_cast<std::size_t>(std::countr_zero(n))];
    if (change == wanted)
      return static_cast<std::uint8_t>(n ^ (n >> 1U));
  }
  return 0;
}

bool one_byte_differs(std::uint32_t a, std::uint32_t b) noexcept {
  const auto difference = a ^ b;
  for (unsigned shift = 0; shift < 32; shift += 8)
    if ((difference & ~(0xffU << shift)) == 0)
      return true;
  return false;
}

} // namespace

std::uint32_t to_stored(std::uint32_t crc) noexcept {
  return std::rotr(crc, 15) + mask_delta;
}

std::uint32_t fixed32(std::string_view bytes) noexcept {
  std::uint32_t value = 0;
  for (std::size_t n = 4; n > 0; --n)
    value = (value << 8U) | static_cast<unsigned char>(bytes[n - 1]);
  return value;
}

std::optional<wrong_byte> find_wrong_byte(std::string_view bytes,
                                          std::uint32_t crc) {
  static const auto changes = changes_of_last_byte();
  const auto wanted = crc32c(bytes) ^ crc;
  std::array<std::uint32_t, 8> by_bit{};
  for (std::size_t bit = 0; bit < by_bit.size(); ++bit)
    by_bit[bit] = changes[std::size_t{1} << bit];
  std::optional<wrong_byte> found;
  bool unclear = false;
  for (auto at = bytes.size(); at-- > 0;) {
    if (const auto bits = bits_for(wanted, by_bit); bits != 0) {
      // A single bit is the likeliest damage, and there is one answer at most.
      if (std::has_single_bit(bits))
        return wrong_byte{at, bits};
      unclear = found.has_value();
      found = wrong_byte{at, bits};
    }
    // One byte further from the end.
    for (auto& change : by_bit)
      change = (change >> 8U) ^ changes[change & 0xffU];
  }
  return unclear ? std::nullopt : found;
}

state check_and_mend(std::string& file, std::size_t from, std::size_t size,
                     std::uint32_t stored) {
  const auto bytes = std::string_view{file}.substr(from, size);
  const auto crc = crc32c(bytes);
  if (to_stored(crc) == stored)
    return state::sound;
  if (one_byte_differs(to_stored(crc), stored))
    return state::mended;
  const auto wrong = find_wrong_byte(bytes, from_stored(stored));
  if (!wrong)
    return state::damaged;
  auto& byte = file[from + wrong->at];
  byte = static_cast<char>(static_cast<unsigned char>(byte) ^ wrong->bits);
  return state::mended;
}

} // namespace provision::salvage
