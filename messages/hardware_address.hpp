#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "messages/workloads/address.hpp"

namespace provision {

/// Of a network card; in the order of transmission.
using hardware_address = std::array<std::uint8_t, 6>;

/// The address that the original derives from `bytes`: the first six bytes of
/// their MD5, shifted until they name one locally administered card. Others of
/// the farm predict it, and the IPv6 address behind it.
hardware_address hardware_address_of(std::string_view bytes);

/// From the four bytes of an IPv4 address.
hardware_address hardware_address_of(const workloads::ip_address& address);

/// "b2:ab:2b:63:64:cd".
std::string to_string(const hardware_address& address);

/// The last 64 bits of the IPv6 address that a card gives itself (EUI-64).
std::array<std::uint8_t, 8> interface_id(const hardware_address& address);

/// The IPv6 address that the card gives itself in this network: the first 64
/// bits of `network` and its own identifier (SLAAC).
workloads::ip_address predicted_ipv6(const workloads::ip_address& network,
                                     const hardware_address& address);

} // namespace provision
