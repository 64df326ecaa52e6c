#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/error.hpp"

namespace provision {

/// A network interface, as far as we look.
struct link_facts {
  std::string name = {};
  std::string alias = {};
  /// "bridge", "veth", "tun", "wireguard"; empty for a plain one.
  std::string kind = {};
  /// Name of the bridge that it is part of.
  std::string master = {};
  bool up = false;
  std::uint32_t mtu = 0;
  /// IPv4 addresses, "10.1.2.1/24".
  std::vector<std::string> addresses = {};
  /// IPv6 addresses that mean something beyond the link, "2001:db8::1/64".
  std::vector<std::string> ipv6_addresses = {};
};

/// Reads what `ip -j -d address show` writes.
expected<std::vector<link_facts>> read_links(std::string_view json);

/// Destinations that `ip -j route show` writes, as "10.1.3.0/24": also single
/// addresses ("/32") and the default ("0.0.0.0/0"); of IPv6 "/128" and "::/0".
/// Entries of another list, such as that of neighbours, are read alike.
enum class ip_family : std::uint8_t { v4, v6 };
expected<std::vector<std::string>>
read_routes(std::string_view json, ip_family family = ip_family::v4);

/// The link of that name; null if there is none.
const link_facts* find_link(const std::vector<link_facts>& links,
                            std::string_view name);

} // namespace provision
