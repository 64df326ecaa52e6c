#include "backends/host/address_probe.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/if_ether.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/net_space.hpp"
#include "messages/hardware_address.hpp"

namespace provision {

namespace {

using steady = std::chrono::steady_clock;

/// A whole frame's content: Ethernet and IPv4 alone.
using arp_packet = ether_arp;

struct asking {
  file_descriptor socket = {};
  sockaddr_ll everybody = {};
  arp_packet packet = {};
};

expected<asking> prepare(const address_question& question) {
  asking made{.socket = file_descriptor{::socket(
                AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, htons(ETH_P_ARP))}};
  if (!made.socket)
    return fail(last_system_error("open a packet socket"));
  ifreq wish = {};
  question.link.copy(wish.ifr_name, IFNAMSIZ - 1);
  const auto refused = [&] {
    return fail(last_system_error("ask the network of " + question.link));
  };
  if (::ioctl(made.socket.number(), SIOCGIFHWADDR, &wish) != 0)
    return refused();
  auto& arp = made.packet;
  std::memcpy(arp.arp_sha, wish.ifr_hwaddr.sa_data, sizeof arp.arp_sha);
  if (::ioctl(made.socket.number(), SIOCGIFINDEX, &wish) != 0)
    return refused();
  arp.ea_hdr = {.ar_hrd = htons(ARPHRD_ETHER),
                .ar_pro = htons(ETHERTYPE_IP),
                .ar_hln = ETH_ALEN,
                .ar_pln = sizeof arp.arp_tpa,
                .ar_op = htons(ARPOP_REQUEST)};
  std::memcpy(arp.arp_tpa, question.address.bytes.data(), sizeof arp.arp_tpa);
  made.everybody.sll_family = AF_PACKET;
  made.everybody.sll_protocol = htons(ETH_P_ARP);
  made.everybody.sll_ifindex = wish.ifr_ifindex;
  const auto* to = reinterpret_cast<const sockaddr*>(&made.everybody);
  if (::bind(made.socket.number(), to, sizeof made.everybody) != 0)
    return refused();
  made.everybody.sll_halen = ETH_ALEN;
  std::fill_n(made.everybody.sll_addr, ETH_ALEN, std::uint8_t{0xff});
  return made;
}

/// Whether what was heard says who has the address, or who is about to take
/// it.
bool is_answer(const arp_packet& heard, const arp_packet& asked) {
  return std::memcmp(heard.arp_spa, asked.arp_tpa, sizeof asked.arp_tpa) == 0
         && std::memcmp(heard.arp_sha, asked.arp_sha, sizeof asked.arp_sha)
              != 0;
}

/// Whoever answers within `patience`.
std::string listen(const asking& made, std::chrono::milliseconds patience) {
  const auto until = steady::now() + patience;
  for (;;) {
    const auto left
      = std::chrono::ceil<std::chrono::milliseconds>(until - steady::now());
    pollfd event{made.socket.number(), POLLIN, 0};
    if (left.count() <= 0
        || ::poll(&event, 1, static_cast<int>(left.count())) <= 0)
      return {};
    arp_packet heard = {};
    const auto size = ::recv(made.socket.number(), &heard, sizeof heard, 0);
    if (size < static_cast<ssize_t>(sizeof heard)
        || !is_answer(heard, made.packet))
      continue;
    hardware_address who{};
    std::copy_n(heard.arp_sha, who.size(), who.begin());
    return to_string(who);
  }
}

expected<std::string> ask_network(const address_question& question) {
  const auto made = prepare(question);
  if (!made)
    return fail(made.error());
  for (int turn = 0; turn < question.times; ++turn) {
    if (::sendto(made->socket.number(), &made->packet, sizeof made->packet, 0,
                 reinterpret_cast<const sockaddr*>(&made->everybody),
                 sizeof made->everybody)
        < 0)
      return fail(last_system_error("ask the network of " + question.link));
    if (auto who = listen(*made, question.patience); !who.empty())
      return who;
  }
  return std::string{};
}

} // namespace

expected<std::string> who_has(const address_question& question) {
  return net_space::ask(question.space, [&] { return ask_network(question); });
}

} // namespace provision
