#pragma once

#include <array>
#include <chrono>
#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/net_space.hpp"
#include "messages/hex.hpp"

/// Frames, byte for byte, as a machine that obeys no rules sends them.
namespace provision::test::ethernet {

/// "b2:ab:..." -> six bytes.
inline std::string mac(std::string text) {
  std::erase(text, ':');
  return hex::decode(text).value();
}

/// Of either family.
inline std::string ip(const std::string& text) {
  std::string bytes(text.find(':') == std::string::npos ? 4 : 16, '\0');
  BOOST_REQUIRE_EQUAL(::inet_pton(bytes.size() == 4 ? AF_INET : AF_INET6,
                                  text.c_str(), bytes.data()),
                      1);
  return bytes;
}

inline std::string word(unsigned number) {
  return {static_cast<char>(number >> 8U), static_cast<char>(number & 255U)};
}

inline std::string frame(const std::string& from, unsigned type,
                         const std::string& content,
                         const std::string& to = "ff:ff:ff:ff:ff:ff") {
  return mac(to) + mac(from) + word(type) + content;
}

/// `operation`: 1 asks, 2 answers.
inline std::string arp(unsigned operation, const std::string& from_mac,
                       const std::string& from_ip, const std::string& about) {
  return word(1) + word(0x0800) + std::string{"\x06\x04", 2} + word(operation)
         + mac(from_mac) + ip(from_ip) + std::string(6, '\0') + ip(about);
}

inline std::string udp(unsigned from_port, unsigned to_port,
                       const std::string& text) {
  return word(from_port) + word(to_port)
         + word(8 + static_cast<unsigned>(text.size())) + word(0) + text;
}

/// With its checksum: the kernel looks at it also where it only bridges.
inline std::string ipv4(const std::string& from, const std::string& to,
                        const std::string& content) {
  const auto head = std::string{"\x45\0", 2}
                    + word(20 + static_cast<unsigned>(content.size())) + word(0)
                    + word(0) + std::string{"\x40\x11", 2};
  const auto addresses = ip(from) + ip(to);
  const auto all = head + addresses;
  unsigned sum = 0;
  for (std::size_t at = 0; at < all.size(); at += 2)
    sum += static_cast<unsigned char>(all[at]) << 8U
           | static_cast<unsigned char>(all[at + 1]);
  while (sum > 0xffffU)
    sum = (sum & 0xffffU) + (sum >> 16U);
  return head + word(~sum & 0xffffU) + addresses + content;
}

/// `next`: 17 UDP, 58 ICMPv6.
inline std::string ipv6(const std::string& from, const std::string& to,
                        char next, const std::string& content) {
  return std::string{"\x60\0\0\0", 4}
         + word(static_cast<unsigned>(content.size())) + next + '\xff'
         + ip(from) + ip(to) + content;
}

/// 133 asks for routers, 134 is a router's; 135 asks who has `about`, 136
/// answers.
inline std::string icmpv6(unsigned type, const std::string& about = {}) {
  return std::string{static_cast<char>(type)} + std::string(7, '\0')
         + (about.empty() ? "" : ip(about));
}

/// The machine's side of a tap, inside a namespace.
class card {
public:
  card(const std::string& space, const std::string& tap) {
    const auto failed = net_space::visit(space, [&] {
      file_ = file_descriptor{::open("/dev/net/tun", O_RDWR | O_CLOEXEC)};
      ifreq wish = {};
      tap.copy(wish.ifr_name, IFNAMSIZ - 1);
      wish.ifr_flags = IFF_TAP | IFF_NO_PI;
      opened_ = ::ioctl(file_.number(), TUNSETIFF, &wish) == 0;
    });
    BOOST_REQUIRE(!failed);
    BOOST_REQUIRE_MESSAGE(opened_,
                          "tap cannot be opened: " << std::strerror(errno));
  }

  void send(const std::string& bytes) const {
    BOOST_REQUIRE_EQUAL(::write(file_.number(), bytes.data(), bytes.size()),
                        static_cast<ssize_t>(bytes.size()));
  }

  /// Whether a frame with this text in it comes.
  bool hears(const std::string& text) const {
    std::array<char, 4096> some{};
    pollfd event{file_.number(), POLLIN, 0};
    while (::poll(&event, 1, 10000) == 1) {
      const auto size = ::read(file_.number(), some.data(), some.size());
      if (size > 0
          && std::string_view{some.data(), static_cast<std::size_t>(size)}.find(
               text)
               != std::string_view::npos)
        return true;
    }
    return false;
  }

private:
  file_descriptor file_;
  bool opened_ = false;
};

/// All frames that reach an interface inside a namespace, and a way to send
/// some.
class ear {
public:
  ear(const std::string& space, const std::string& link) {
    const auto failed = net_space::visit(space, [&] {
      socket_ = file_descriptor{
        ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL))};
      sockaddr_ll at = {};
      at.sll_family = AF_PACKET;
      at.sll_protocol = htons(ETH_P_ALL);
      at.sll_ifindex = static_cast<int>(::if_nametoindex(link.c_str()));
      bound_ = ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&at),
                      sizeof at)
               == 0;
    });
    BOOST_REQUIRE(!failed);
    BOOST_REQUIRE(bound_);
  }

  /// All frames up to one that ends in `last`, joined; empty if that does not
  /// come in time. A bridge keeps the order.
  std::string until(const std::string& last, int patience_ms = 10000) const {
    std::string heard;
    std::array<char, 4096> some{};
    pollfd event{socket_.number(), POLLIN, 0};
    while (::poll(&event, 1, patience_ms) == 1) {
      const auto size = ::recv(socket_.number(), some.data(), some.size(), 0);
      if (size <= 0)
        continue;
      heard.append(some.data(), static_cast<std::size_t>(size));
      if (heard.ends_with(last))
        return heard;
    }
    return {};
  }

  void send(const std::string& bytes) const {
    BOOST_REQUIRE_EQUAL(::send(socket_.number(), bytes.data(), bytes.size(), 0),
                        static_cast<ssize_t>(bytes.size()));
  }

private:
  file_descriptor socket_;
  bool bound_ = false;
};

/// Until what the card sends reaches the ear: a bridge takes a moment to see
/// that a tap has been opened.
inline void connect(const card& from, const ear& to, const std::string& frame) {
  constexpr int turns = 500;
  constexpr int turn_ms = 20;
  for (int turn = 0; turn < turns; ++turn) {
    from.send(frame);
    if (!to.until(frame, turn_ms).empty())
      return;
  }
  BOOST_FAIL("what the card sends does not arrive");
}

} // namespace provision::test::ethernet
