#include "backends/host/public_filter.hpp"

#include <algorithm>

#include "backends/host/text_digest.hpp"
#include "messages/hardware_address.hpp"
#include "messages/hex.hpp"

namespace provision {

namespace {

using workloads::ip_address;

/// What can be said of a port's own IPv6 addresses.
struct own_ipv6 {
  own_ipv6(const hardware_address& card,
           const std::optional<ip_address>& network) {
    const auto bytes = interface_id(card);
    id = "0x"
         + hex::encode(
           {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    ip_address link_local;
    link_local.bytes[0] = 0xfe;
    link_local.bytes[1] = 0x80;
    const auto local = to_string(predicted_ipv6(link_local, card));
    if (network) {
      source = "ip6 saddr { " + local + ", "
               + to_string(predicted_ipv6(*network, card)) + " }";
      return;
    }
    const auto tail = to_string(predicted_ipv6({}, card));
    source = "ip6 saddr & ::ffff:ffff:ffff:ffff == " + tail;
  }

  /// The last 64 bits, "0x...".
  std::string id;
  /// Matches a frame that one of them sent.
  std::string source;
};

std::string chain_of(const guarded_port& port) {
  return "of_" + port.name;
}

/// A neighbour solicitation or advertisement has the address that it speaks of
/// behind 8 bytes; @th,128,64 are the last 64 bits of that.
std::string rules_of(const guarded_port& port,
                     const std::optional<ip_address>& network) {
  if (port.address.family == ip_address::kind::none)
    return "  chain " + chain_of(port) + " {\n    drop\n  }\n";
  const auto card = hardware_address_of(port.address);
  const auto mac = to_string(card);
  const auto ip = to_string(port.address);
  const own_ipv6 own{card, network};
  return "  chain " + chain_of(port)
         + " {\n" //
           "    ether saddr != "
         + mac
         + " drop\n"
           "    ether type arp arp saddr ether != "
         + mac
         + " drop\n"
           "    ether type arp arp saddr ip "
         + ip
         + " accept\n"
           // Asks whether anybody has its own address.
           "    ether type arp arp operation request arp saddr ip 0.0.0.0 "
           "arp daddr ip "
         + ip
         + " accept\n"
           "    ether type ip udp sport 67 drop\n"
           "    ether type ip ip saddr "
         + ip
         + " accept\n"
           "    ether type ip6 icmpv6 type { nd-router-advert, nd-redirect } "
           "drop\n"
           "    ether type ip6 udp sport 547 drop\n"
           "    ether type ip6 icmpv6 type nd-neighbor-advert @th,128,64 != "
         + own.id
         + " drop\n"
           // Before it has an address: the same question for IPv6, and for
           // routers.
           "    ether type ip6 ip6 saddr :: icmpv6 type nd-neighbor-solicit "
           "@th,128,64 "
         + own.id
         + " accept\n"
           "    ether type ip6 ip6 saddr :: icmpv6 type { nd-router-solicit, "
           "mld2-listener-report } accept\n"
           "    ether type ip6 "
         + own.source
         + " accept\n"
           "    drop\n  }\n";
}

std::string verdicts_of(const std::vector<guarded_port>& ports) {
  std::string text;
  for (const auto& port : ports)
    text += (text.empty() ? "" : ", ") + ('"' + port.name) + "\" : goto "
            + chain_of(port);
  return text;
}

} // namespace

public_filter::public_filter(std::string table, std::vector<guarded_port> ports,
                             std::optional<ip_address> network)
  : table_{std::move(table)} {
  if (ports.empty())
    return;
  std::ranges::sort(ports, {}, &guarded_port::name);
  for (const auto& port : ports)
    chains_ += rules_of(port, network);
  // Before anything of the bridge has seen the frame.
  chains_ += "  chain arriving {\n"
             "    type filter hook prerouting priority -300; policy accept;\n"
             "    iifname vmap { "
             + verdicts_of(ports) + " }\n  }\n";
}

std::string public_filter::mark() const {
  return "comment \"rules " + text_digest(chains_) + '"';
}

std::string public_filter::transaction() const {
  const auto cleared
    = "add table bridge " + table_ + "\ndelete table bridge " + table_ + '\n';
  return chains_.empty()
           ? cleared
           : cleared + opening() + "\n  " + mark() + '\n' + chains_ + "}\n";
}

bool public_filter::is_loaded(const std::string& ruleset) const {
  const auto ours = ruleset.find(opening());
  if (chains_.empty())
    return ours == std::string::npos;
  return ours != std::string::npos
         && ruleset.find(mark(), ours) != std::string::npos;
}

} // namespace provision
