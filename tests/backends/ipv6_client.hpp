#pragma once

#include <array>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "backends/host/command.hpp"
#include "backends/host/net_space.hpp"
#include "backends/host/wireguard_tunnel.hpp"
#include "backends/ipv6_gateway_backend.hpp"
#include "tests/backends/a_network.hpp"
#include "tests/support/why_not.hpp"

namespace provision::test {

/// A computer, in a namespace of its own, that has set up what it was told. Its
/// tunnel's packets travel in `underlay`; empty: where this thread is.
class ipv6_client {
public:
  ipv6_client(network_tools tools, const std::string& underlay,
              const std::string& name)
    : tools_{std::move(tools)}, space_{(underlay.empty()
                                          ? "provision-test-" + number()
                                          : underlay)
                                       + '-' + name},
      tunnel_{
        .name = "c" + name + number(), .underlay = underlay, .router = space_} {
    ip({"netns", "add", space_});
    BOOST_REQUIRE(!make_tunnel(tools_, tunnel_));
  }

  ~ipv6_client() {
    BOOST_CHECK(!remove_tunnel(tools_, tunnel_));
    ip({"netns", "delete", space_});
  }

  ipv6_client(const ipv6_client&) = delete;
  ipv6_client& operator=(const ipv6_client&) = delete;

  void set_up(const ipv6_client_terms& terms) {
    const auto failed = configure_tunnel(
      tools_, tunnel_,
      secret{"[Interface]\nPrivateKey = " + keys.own + "\n[Peer]\nPublicKey = "
             + terms.gateway_key + "\nAllowedIPs = " + terms.reach
             + "\nEndpoint = " + terms.endpoint + '\n'});
    BOOST_REQUIRE_EQUAL(why_not(failed), "");
    use(terms.address);
    ip({"-n", space_, "link", "set", tunnel_.name, "up"});
    ip({"-n", space_, "route", "replace", terms.reach, "dev", tunnel_.name});
  }

  /// As if it had been switched off and on: a session that nobody else knows
  /// any more would be clung to for a quarter of a minute.
  void set_up_again(const ipv6_client_terms& terms) {
    BOOST_REQUIRE(!make_tunnel(tools_, tunnel_));
    set_up(terms);
  }

  /// Has one more address.
  void use(const std::string& address) const {
    ip({"-n", space_, "address", "replace", address, "dev", tunnel_.name,
        "nodad"});
  }

  const std::string& space() const { return space_; }

  tunnel_keys keys = {};

private:
  static std::string number() { return std::to_string(::getpid() % 10000); }

  void ip(std::vector<std::string> words) const {
    const auto done
      = run({.program = tools_.ip, .arguments = std::move(words)});
    BOOST_CHECK_EQUAL(done ? "" : to_string(done.error()), "");
  }

  network_tools tools_;
  std::string space_;
  tunnel_place tunnel_;
};

/// A UDP socket inside a namespace, at an IPv6 address.
class ipv6_visitor {
public:
  ipv6_visitor(const std::string& space, const std::string& own) {
    const auto failed = net_space::visit(space, [&] {
      socket_
        = file_descriptor{::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
      const auto at = name(own);
      bound_ = ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&at),
                      sizeof at)
               == 0;
    });
    BOOST_CHECK_MESSAGE(!failed && bound_, "cannot have " + own);
  }

  /// Whether a message to `other`, which is at `there`, arrives in time.
  bool reaches(const ipv6_visitor& other, const std::string& there,
               int turns = 100) const {
    // Of its own: earlier ones may arrive late.
    static int messages = 0;
    const auto said = "message " + std::to_string(++messages);
    const auto to = name(there);
    // The first packets may be lost while a tunnel shakes hands.
    for (; turns > 0; --turns) {
      ::sendto(socket_.number(), said.data(), said.size(), 0,
               reinterpret_cast<const sockaddr*>(&to), sizeof to);
      if (other.hears(said))
        return true;
    }
    return false;
  }

private:
  /// Within a tenth of a second after the last message.
  bool hears(const std::string& wanted) const {
    std::array<char, 64> heard{};
    for (pollfd event{socket_.number(), POLLIN, 0};
         ::poll(&event, 1, 100) == 1;) {
      const auto size = ::recv(socket_.number(), heard.data(), heard.size(), 0);
      if (size >= 0
          && wanted
               == std::string_view{heard.data(),
                                   static_cast<std::size_t>(size)})
        return true;
    }
    return false;
  }

  static sockaddr_in6 name(const std::string& text) {
    sockaddr_in6 result = {};
    result.sin6_family = AF_INET6;
    result.sin6_port = htons(7777);
    ::inet_pton(AF_INET6, text.c_str(), &result.sin6_addr);
    return result;
  }

  file_descriptor socket_;
  bool bound_ = false;
};

} // namespace provision::test
