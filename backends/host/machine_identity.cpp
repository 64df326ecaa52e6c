#include "backends/host/machine_identity.hpp"

#include <array>
#include <cstdint>

#include <openssl/sha.h>

namespace provision {

namespace {

using digest = std::array<unsigned char, SHA_DIGEST_LENGTH>;

/// Of all our machines; drawn once.
constexpr std::array<unsigned char, 16> name_space{
  0x6d, 0x0a, 0x5b, 0x1e, 0x3c, 0x0f, 0x4a, 0x52,
  0x9e, 0x57, 0x21, 0x84, 0xd3, 0x6b, 0x70, 0xc9};

std::string hex_byte(unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {digits[byte >> 4U], digits[byte & 15U]};
}

std::string uuid_text(digest bytes) {
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0fU) | 0x50U);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3fU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      text += '-';
    text += hex_byte(bytes[i]);
  }
  return text;
}

} // namespace

machine_identity::machine_identity(std::string_view node_id,
                                   std::string_view id) {
  std::string name{name_space.begin(), name_space.end()};
  name += node_id;
  name += '/';
  name += id;
  digest bytes{};
  ::SHA1(reinterpret_cast<const unsigned char*>(name.data()), name.size(),
         bytes.data());
  uuid = uuid_text(bytes);
  hardware_address = "02";
  // Behind what the UUID shows.
  for (std::size_t i = 15; i < 20; ++i)
    hardware_address += ':' + hex_byte(bytes[i]);
}

} // namespace provision
