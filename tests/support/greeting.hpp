#pragma once

#include <cstdint>
#include <string>

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "backends/host/file_descriptor.hpp"
#include "backends/host/net_space.hpp"

namespace provision::test {

/// Where test guests answer.
inline constexpr std::uint16_t greeting_port = 7777;

/// What something at this address says at greeting_port, asked from a
/// namespace; empty if nobody answers. `repeats`: of the question, each after
/// twice the time of the one before; one is enough where nobody is expected to
/// answer.
inline expected<std::string> greeting(const std::string& address,
                                      const std::string& space,
                                      int repeats = 5) {
  std::string heard;
  auto failed = net_space::visit(space, [&] {
    const file_descriptor socket{
      ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    ::setsockopt(socket.number(), IPPROTO_TCP, TCP_SYNCNT, &repeats,
                 sizeof repeats);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(greeting_port);
    ::inet_pton(AF_INET, address.c_str(), &to.sin_addr);
    if (::connect(socket.number(), reinterpret_cast<const sockaddr*>(&to),
                  sizeof to)
        != 0)
      return;
    std::string chunk(100, '\0');
    const auto size = ::recv(socket.number(), chunk.data(), chunk.size(), 0);
    heard = chunk.substr(0, size < 0 ? 0 : static_cast<std::size_t>(size));
  });
  if (failed)
    return fail(std::move(failed));
  return heard;
}

} // namespace provision::test
