#include "backends/host/own_addresses.hpp"

#include <algorithm>
#include <memory>

#include <ifaddrs.h>
#include <netinet/in.h>

namespace provision {

namespace {

using workloads::ip_address;

ip_address address_in(const sockaddr* from) {
  ip_address found;
  if (from == nullptr)
    return found;
  if (from->sa_family == AF_INET) {
    found.family = ip_address::kind::v4;
    const auto& in = reinterpret_cast<const sockaddr_in*>(from)->sin_addr;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&in), sizeof in,
                found.bytes.begin());
  } else if (from->sa_family == AF_INET6) {
    found.family = ip_address::kind::v6;
    const auto& in = reinterpret_cast<const sockaddr_in6*>(from)->sin6_addr;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(&in), sizeof in,
                found.bytes.begin());
  }
  return found;
}

} // namespace

bool is_address_of_host(const ip_address& address) {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0)
    return true;
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> all{first,
                                                               ::freeifaddrs};
  for (const auto* one = first; one != nullptr; one = one->ifa_next)
    if (address_in(one->ifa_addr) == address)
      return true;
  return false;
}

bool is_reserved(const ip_address& address) {
  const auto& b = address.bytes;
  if (address.family == ip_address::kind::v4)
    return b[0] == 0 || b[0] == 127 || b[0] >= 224
           || (b[0] == 169 && b[1] == 254);
  const bool is_low = std::all_of(b.begin(), b.begin() + 15,
                                  [](auto byte) { return byte == 0; });
  return (is_low && b[15] <= 1) || b[0] == 0xff
         || (b[0] == 0xfe && (b[1] & 0xc0U) == 0x80);
}

} // namespace provision
