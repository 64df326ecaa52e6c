#include "messages/hardware_address.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include <openssl/evp.h>

namespace provision {

namespace {

constexpr std::size_t digest_size = 16;
using digest = std::array<std::uint8_t, digest_size>;

/// MD5 is no safeguard here, only the original's way to spread addresses.
digest digest_of(std::string_view bytes) {
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> whole{};
  if (EVP_Digest(bytes.data(), bytes.size(), whole.data(), nullptr, EVP_md5(),
                 nullptr)
      != 1)
    std::abort();
  digest result{};
  std::copy_n(whole.begin(), result.size(), result.begin());
  return result;
}

/// Ranges that the original holds for used otherwise.
bool is_usable(const hardware_address& address) {
  const auto first = address[0] << 8U | address[1];
  const auto last = address[3] << 16U | address[4] << 8U | address[5];
  if (last <= 0x0051ff)
    return first >= 0x0003;
  if (last <= 0x9000ff)
    return first >= 0x0054 && first != 0x3333;
  const bool is_broadcast
    = first == 0xffff && address[2] == 0xff && last == 0xffffff;
  return first >= 0x9002 && !is_broadcast;
}

} // namespace

hardware_address hardware_address_of(std::string_view bytes) {
  auto hash = digest_of(bytes);
  for (;;) {
    for (std::size_t at = 0; at <= hash.size() - hardware_address{}.size();
         ++at) {
      // Locally administered, and one card: kept in the hash, as the original
      // does.
      hash[at] = static_cast<std::uint8_t>((hash[at] | 0x02U) & 0xfeU);
      hardware_address found{};
      std::copy_n(hash.begin() + static_cast<std::ptrdiff_t>(at), found.size(),
                  found.begin());
      if (is_usable(found))
        return found;
    }
    hash = digest_of({reinterpret_cast<const char*>(hash.data()), hash.size()});
  }
}

hardware_address hardware_address_of(const workloads::ip_address& address) {
  return hardware_address_of(
    std::string_view{reinterpret_cast<const char*>(address.bytes.data()), 4});
}

std::string to_string(const hardware_address& address) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const auto byte : address) {
    if (!text.empty())
      text += ':';
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::array<std::uint8_t, 8> interface_id(const hardware_address& address) {
  return {static_cast<std::uint8_t>(address[0] ^ 0x02U),
          address[1],
          address[2],
          0xff,
          0xfe,
          address[3],
          address[4],
          address[5]};
}

workloads::ip_address predicted_ipv6(const workloads::ip_address& network,
                                     const hardware_address& address) {
  auto result = network;
  result.family = workloads::ip_address::kind::v6;
  std::ranges::copy(interface_id(address), result.bytes.begin() + 8);
  return result;
}

} // namespace provision
