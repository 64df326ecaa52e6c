#include <algorithm>
#include <memory>

#include <ifaddrs.h>
#include <netinet/in.h>

#include "backends/host/host_gateway_backend.hpp"

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

} // namespace provision
