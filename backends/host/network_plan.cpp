#include "backends/host/network_plan.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "backends/host/network_names.hpp"
#include "backends/host/text_digest.hpp"
#include "identity/wireguard_key.hpp"

namespace provision {

namespace {

using workloads::ip_address;
using workloads::ip_range;

constexpr int subnet_prefix_min = 8;
/// Room for the gateway and one member.
constexpr int subnet_prefix_max = 30;

tl::unexpected<error> refuse(const std::string& field, const std::string& why) {
  return fail(errc::invalid_reservation, field + ": " + why);
}

std::uint32_t number_of(const ip_address& ip) {
  return std::uint32_t{ip.bytes[0]} << 24U | std::uint32_t{ip.bytes[1]} << 16U
         | std::uint32_t{ip.bytes[2]} << 8U | std::uint32_t{ip.bytes[3]};
}

std::uint32_t mask_of(int prefix) {
  return prefix == 0
           ? 0
           : ~std::uint32_t{0} << (32U - static_cast<unsigned>(prefix));
}

std::string dotted(std::uint32_t number) {
  return std::to_string(number >> 24U) + '.'
         + std::to_string(number >> 16U & 255U) + '.'
         + std::to_string(number >> 8U & 255U) + '.'
         + std::to_string(number & 255U);
}

/// Without the bits behind the prefix, as the kernel keeps it.
ip_range without_host_bits(ip_range range) {
  const auto bytes = range.address.family == ip_address::kind::v4 ? 4U : 16U;
  for (unsigned i = 0; i < bytes; ++i) {
    const int kept = std::clamp(range.prefix - static_cast<int>(i * 8), 0, 8);
    range.address.bytes[i] &= static_cast<std::uint8_t>(0xff00U >> kept);
  }
  return range;
}

/// "1.2.3.4:5" or "[::1]:5"; names are not looked up, so that a name server
/// can hold up nobody.
bool is_endpoint(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return false;
  auto host = text.substr(0, colon);
  const bool bracketed
    = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  const auto ip = workloads::parse_ip(host);
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto read = std::from_chars(text.data() + colon + 1, end, port);
  return ip && ip->family != ip_address::kind::none
         && bracketed == (host.find(':') != std::string::npos)
         && read.ec == std::errc{} && read.ptr == end && port != 0;
}

expected<tunnel_peer> plan_peer(const workloads::network_peer& wanted,
                                std::set<std::string>& claimed) {
  tunnel_peer peer;
  auto key = wireguard_key::parse_public(wanted.wg_public_key);
  if (!key)
    return refuse("peers.wg_public_key", key.error().message);
  peer.public_key = *key;
  if (!wanted.endpoint.empty() && !is_endpoint(wanted.endpoint))
    return refuse("peers.endpoint", "is not an address and a port");
  peer.endpoint = wanted.endpoint;
  for (const auto& range : wanted.allowed_ips) {
    if (range.address.family == ip_address::kind::none)
      return refuse("peers.allowed_ips", "must not be empty");
    peer.allowed.push_back(to_string(without_host_bits(range)));
    // WireGuard would silently take it away from the first.
    if (!claimed.insert(peer.allowed.back()).second)
      return refuse("peers.allowed_ips",
                    peer.allowed.back() + " appears twice");
  }
  std::ranges::sort(peer.allowed);
  return peer;
}

error plan_peers(network_plan& plan,
                 const std::vector<workloads::network_peer>& wanted) {
  std::set<std::string> claimed;
  for (const auto& one : wanted) {
    auto peer = plan_peer(one, claimed);
    if (!peer)
      return peer.error();
    for (const auto& range : peer->allowed)
      if (range.find(':') == std::string::npos)
        plan.routes.push_back(range);
    plan.peers.push_back(std::move(*peer));
  }
  std::ranges::sort(plan.routes);
  std::ranges::sort(plan.peers, {}, &tunnel_peer::public_key);
  const auto twin
    = std::ranges::adjacent_find(plan.peers, {}, &tunnel_peer::public_key);
  if (twin != plan.peers.end())
    return {errc::invalid_reservation,
            "peers.wg_public_key: " + twin->public_key + " appears twice"};
  return {};
}

/// The chains of our table. The router itself serves nothing but echoes; what
/// passes it goes between its members and its tunnel, under true names.
std::string chains(const network_plan& plan, const std::string& tunnel) {
  const std::string bridge = network_names::bridge;
  return R"(  chain arriving {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
    meta l4proto icmp accept
  }
  chain passing {
    type filter hook forward priority 0; policy drop;
    meta nfproto != ipv4 drop
    ct state invalid drop
    iifname ")"
         + bridge + R"(" ip saddr != )" + plan.subnet + R"( drop
    ct state established,related accept
    iifname ")"
         + bridge + R"(" oifname { ")" + bridge + R"(", ")" + tunnel
         + R"(" } accept
    iifname ")"
         + tunnel + R"(" oifname ")" + bridge + R"(" ip daddr )" + plan.subnet
         + R"( accept
  }
)";
}

} // namespace

expected<network_plan> plan_network(const workloads::network_resource& wanted) {
  const auto& subnet = wanted.subnet;
  if (subnet.address.family != ip_address::kind::v4
      || subnet.prefix < subnet_prefix_min || subnet.prefix > subnet_prefix_max)
    return refuse("subnet",
                  to_string(subnet) + " is not an IPv4 range of /8 to /30");
  const auto first = number_of(subnet.address) & mask_of(subnet.prefix);
  const auto bits = '/' + std::to_string(subnet.prefix);
  network_plan plan{.subnet = dotted(first) + bits,
                    .gateway = dotted(first + 1),
                    .bridge_address = dotted(first + 1) + bits,
                    .listen_port = wanted.wg_listen_port};
  plan.tunnel_address = "100.64." + std::to_string(first >> 16U & 255U) + '.'
                        + std::to_string(first >> 8U & 255U) + "/16";
  auto key = wireguard_key::parse_public(wanted.wg_public_key);
  if (!key)
    return refuse("wg_public_key", key.error().message);
  plan.public_key = *key;
  if (auto wrong = plan_peers(plan, wanted.peers))
    return fail(wrong);
  return plan;
}

expected<std::string> member_address(const network_plan& plan,
                                     const ip_address& address) {
  const auto subnet = workloads::parse_cidr(plan.subnet);
  if (!subnet)
    return fail(subnet.error());
  const auto mask = mask_of(subnet->prefix);
  const auto first = number_of(subnet->address);
  const auto number = number_of(address);
  if (address.family != ip_address::kind::v4 || (number & mask) != first
      || number <= first + 1 || number == (first | ~mask))
    return refuse("ips", to_string(address) + " is not one of " + plan.subnet
                           + " that a member may have");
  return dotted(number) + '/' + std::to_string(subnet->prefix);
}

secret tunnel_configuration(const network_plan& plan,
                            const secret& private_key) {
  std::string text = "[Interface]\nPrivateKey = ";
  // Grown once, so that no copy of the key is left where it was moved from.
  constexpr std::size_t bytes_per_peer = 4096;
  text.reserve(bytes_per_peer * (plan.peers.size() + 1));
  text += private_key.reveal();
  text += "\nListenPort = " + std::to_string(plan.listen_port) + '\n';
  for (const auto& peer : plan.peers) {
    text += "[Peer]\nPublicKey = " + peer.public_key + '\n';
    // Calling regularly keeps the way back open through address translation.
    if (!peer.endpoint.empty())
      text += "Endpoint = " + peer.endpoint + "\nPersistentKeepalive = 25\n";
    for (const auto& range : peer.allowed)
      text += "AllowedIPs = " + range + '\n';
  }
  return secret::absorb(text);
}

std::string filter_mark(const network_plan& plan, const std::string& tunnel) {
  return "comment \"rules " + text_digest(chains(plan, tunnel)) + '"';
}

std::string filter_rules(const network_plan& plan, const std::string& tunnel) {
  return "add table inet provision\ndelete table inet provision\n"
         "table inet provision {\n  "
         + filter_mark(plan, tunnel) + '\n' + chains(plan, tunnel) + "}\n";
}

} // namespace provision
