#include "backends/host/change_bell.hpp"

#include <array>

#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "backends/host/net_space.hpp"

namespace provision {

namespace {

/// A socket stays in the namespace in which it was made.
expected<file_descriptor> hear(int family, unsigned group) {
  file_descriptor socket{
    ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, family)};
  sockaddr_nl own = {};
  own.nl_family = AF_NETLINK;
  if (!socket
      || ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&own),
                sizeof own)
           != 0
      || ::setsockopt(socket.number(), SOL_NETLINK, NETLINK_ADD_MEMBERSHIP,
                      &group, sizeof group)
           != 0)
    return fail(last_system_error("hear of changes of the network"));
  return socket;
}

void drain(const file_descriptor& socket) {
  std::array<char, 8192> some{};
  // More than fits is told as an error once; that is news, too.
  while (::recv(socket.number(), some.data(), some.size(), MSG_DONTWAIT) >= 0
         || errno == ENOBUFS || errno == EINTR)
    ;
}

} // namespace

expected<change_bell> change_bell::open(const std::string& space) {
  return net_space::ask(space, []() -> expected<change_bell> {
    change_bell made;
    auto filters = hear(NETLINK_NETFILTER, NFNLGRP_NFTABLES);
    if (!filters)
      return fail(filters.error());
    auto links = hear(NETLINK_ROUTE, RTNLGRP_LINK);
    if (!links)
      return fail(links.error());
    made.filters_ = std::move(*filters);
    made.links_ = std::move(*links);
    return made;
  });
}

void change_bell::clear() const {
  drain(filters_);
  drain(links_);
}

} // namespace provision
