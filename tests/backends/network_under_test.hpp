#pragma once

#include <functional>
#include <string>
#include <utility>

#include "backends/host/host_network_backend.hpp"
#include "tests/backends/network_host.hpp"

namespace provision::test {

struct network_fixture : network_host {
  tunnel_keys a_keys;
  tunnel_keys b_keys;

  network_order order(const workloads::network_resource& resource,
                      std::string holder = "104-1",
                      std::string id = "blue") const {
    return {.id = std::move(id),
            .user_id = "7",
            .holder = std::move(holder),
            .resource = resource};
  }

  /// The part of node "a", which calls node "b".
  workloads::network_resource part_a() const {
    auto part = a_resource(a_keys, "10.1.2.0/24", 41001);
    part.peers = {a_peer(b_keys.shown, "10.1.3.0/24", "192.0.2.2:41002")};
    return part;
  }

  workloads::network_resource part_b() const {
    auto part = a_resource(b_keys, "10.1.3.0/24", 41002);
    part.peers = {a_peer(a_keys.shown, "10.1.2.0/24", "192.0.2.1:41001")};
    return part;
  }

  std::string routes(const std::string& node) const {
    return inside(names(node).router, tools.ip,
                  {"-4", "route", "show", "dev", names(node).tunnel});
  }
};

inline bool is_present(network_backend& backend,
                       const std::string& id = "blue") {
  const auto facts = backend.inspect(id);
  BOOST_TEST_INFO(facts.reason);
  return facts.state == presence::present;
}

/// Breaks `action` off at its first, second, ... step until it gets through.
/// `once`: only that step fails, as by a mishap; else all further ones do too,
/// as in a crash.
inline void
break_everywhere(const network_fixture& host, bool once,
                 const std::function<error(host_network_backend&)>& action,
                 const std::function<void(host_network_backend&)>& afterwards) {
  for (int passed = 0;; ++passed) {
    BOOST_REQUIRE_LT(passed, 40);
    int left = passed;
    const auto hook = [&](std::string_view step) {
      if (left-- == 0 || (!once && left < 0))
        return error{errc::backend_failure,
                     "broken off at " + std::string{step}};
      return error{};
    };
    const auto broken = action(*host.open("a", hook).value());
    BOOST_TEST_CONTEXT("after " << passed << " steps: " << why_not(broken)) {
      afterwards(*host.open("a").value());
    }
    if (!broken)
      return;
  }
}

} // namespace provision::test
