#include "backends/host/ipv6_gateway_plan.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include <openssl/evp.h>

#include "backends/host/network_names.hpp"
#include "backends/host/text_digest.hpp"

namespace provision {

namespace {

using workloads::ip_address;

constexpr std::size_t network_bytes = 8;

std::string single(const ip_address& address) {
  return workloads::to_string(address) + "/128";
}

/// The network's 64 bits, and 64 that a text stands for.
ip_address derived_address(const ip_address& network, const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(),
                 nullptr)
      != 1)
    std::abort();
  auto address = network;
  std::copy_n(digest.begin(), network_bytes,
              address.bytes.begin() + network_bytes);
  return address;
}

/// No more passes than clients send under their own address and what is sent to
/// it; WireGuard itself holds each to its own. Networks that are no part of the
/// internet, such as the operator's own, are out of reach.
std::string chains_of(const ipv6_gateway_plan& plan) {
  std::string elements;
  for (const auto& peer : plan.peers)
    for (const auto& address : peer.allowed)
      elements += (elements.empty() ? "" : ", ")
                  + address.substr(0, address.find('/'));
  const std::string leg = ipv6_gateway_names::leg;
  return "  set clients {\n    type ipv6_addr\n    elements = { " + elements
         + R"( }
  }
  chain arriving {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, echo-request } accept
  }
  chain passing {
    type filter hook forward priority 0; policy drop;
    meta nfproto != ipv6 drop
    ct state invalid drop
    ct state established,related accept
    iifname ")"
         + plan.tunnel + R"(" ip6 saddr @clients ip6 daddr )" + ipv6_internet
         + R"( accept
    iifname ")"
         + leg + R"(" oifname ")" + plan.tunnel + R"(" ip6 saddr )"
         + ipv6_internet + R"( ip6 daddr @clients accept
  }
)";
}

} // namespace

bool is_in_network(const ip_address& address,
                   const workloads::ip_range& network) {
  std::size_t bits = network.prefix;
  for (std::size_t at = 0; bits > 0 && at < address.bytes.size(); ++at) {
    const auto used = std::min<std::size_t>(bits, 8);
    const auto mask = static_cast<std::uint8_t>(0xffU << (8 - used));
    if (((address.bytes.at(at) ^ network.address.bytes.at(at)) & mask) != 0)
      return false;
    bits -= used;
  }
  return address.family == network.address.family;
}

ip_address new_client_address(const ipv6_gateway_terms& terms,
                              const ipv6_clients& clients,
                              const std::string& node_id,
                              const std::string& id) {
  for (std::string text = node_id + "/gateway4to6/" + id;; text += '+') {
    const auto address = derived_address(terms.network.address, text);
    // What people choose themselves begins with zeros.
    const bool is_low = std::all_of(address.bytes.begin() + network_bytes,
                                    address.bytes.begin() + network_bytes + 4,
                                    [](auto byte) { return byte == 0; });
    const bool is_taken = address == terms.address.address
                          || address == terms.router
                          || std::ranges::any_of(clients, [&](const auto& one) {
                               return one.second.address == address;
                             });
    if (!is_low && !is_taken)
      return address;
  }
}

ipv6_gateway_plan plan_ipv6_gateway(const ipv6_gateway_terms& terms,
                                    const ipv6_clients& clients,
                                    const std::string& public_key,
                                    const std::string& tunnel) {
  ipv6_gateway_plan plan{.bridge = terms.bridge,
                         .address = workloads::to_string(terms.address),
                         .router = workloads::to_string(terms.router),
                         .listen_port = terms.port,
                         .public_key = public_key,
                         .routes = {"::/0"},
                         .tunnel = tunnel};
  for (const auto& [id, client] : clients) {
    plan.peers.push_back(
      {.public_key = client.public_key, .allowed = {single(client.address)}});
    plan.routes.push_back(single(client.address));
    if (is_in_network(client.address, terms.address))
      plan.answered.push_back(single(client.address));
  }
  std::ranges::sort(plan.peers, {}, &tunnel_peer::public_key);
  std::ranges::sort(plan.routes);
  std::ranges::sort(plan.answered);
  return plan;
}

std::string filter_mark(const ipv6_gateway_plan& plan) {
  return "comment \"rules "
         + text_digest(chains_of(plan) + plan.address + ' ' + plan.router)
         + '"';
}

std::string filter_rules(const ipv6_gateway_plan& plan) {
  return "add table inet provision\ndelete table inet provision\n"
         "table inet provision {\n  "
         + filter_mark(plan) + '\n' + chains_of(plan) + "}\n";
}

} // namespace provision
