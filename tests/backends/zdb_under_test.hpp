#pragma once

#include <string>
#include <utility>

#include <arpa/inet.h>
#include <sys/socket.h>

#include "tests/backends/zdb_host.hpp"

namespace provision::test {

using state = process_facts::state;
using workloads::zdb_mode;

inline constexpr auto is_private = "Namespace protected and private";
inline constexpr auto is_read_only = "Namespace is in read-only mode";

inline bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline void made(const expected<zdb_place>& place) {
  BOOST_REQUIRE_MESSAGE(place, (place ? "" : place.error().message));
}

inline void refused(const expected<zdb_place>& place, errc code,
                    const std::string& why) {
  BOOST_REQUIRE(!place);
  BOOST_TEST_INFO(to_string(place.error()));
  BOOST_CHECK(place.error().code == code);
  BOOST_CHECK(holds(place.error().message, why));
}

inline void made(const error& failed) {
  BOOST_REQUIRE_EQUAL(why_not(failed), "");
}

/// A conversation with the server of mode user as its admin.
inline zdb_admin ruler_of(const host_zdb_backend& backend) {
  const auto folder = backend.processes().folder_of("user");
  auto ruler = zdb_admin::connect(folder + "/run/admin.sock",
                                  secret{shim::read_small(folder + "/admin")},
                                  std::chrono::seconds{5});
  BOOST_REQUIRE(ruler);
  return std::move(*ruler);
}

inline int parent_of(int pid) {
  const auto facts
    = shim::read_small("/proc/" + std::to_string(pid) + "/status");
  const auto at = facts.find("\nPPid:");
  return at == std::string::npos ? 0 : std::stoi(facts.substr(at + 6));
}

/// Keeps a port busy.
struct squatter {
  explicit squatter(std::uint16_t port) {
    sockaddr_in name = {};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    ::inet_pton(AF_INET, address_of_this_test().c_str(), &name.sin_addr);
    BOOST_REQUIRE_EQUAL(::bind(socket.number(),
                               reinterpret_cast<const sockaddr*>(&name),
                               sizeof name),
                        0);
    BOOST_REQUIRE_EQUAL(::listen(socket.number(), 1), 0);
  }

  file_descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
};

} // namespace provision::test
