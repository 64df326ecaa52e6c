#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "backends/host/ip_facts.hpp"
#include "backends/host/network_plan.hpp"
#include "backends/host/network_tools.hpp"
#include "backends/host/step_hook.hpp"

namespace provision {

/// A WireGuard device: one of the kernel's, or a process of wireguard-go that
/// outlives us. Its socket stays in the underlay's namespace, where its packets
/// travel, while the device itself stands in a router's.
struct tunnel_place {
  /// Its name; unique on the host.
  std::string name = {};
  /// Namespaces; an empty underlay is the one that this process is in.
  std::string underlay = {};
  std::string router = {};
};

struct tunnel_facts {
  std::string public_key = {};
  std::uint16_t listen_port = 0;
  /// Sorted by key; the endpoint is where the peer was last heard.
  std::vector<tunnel_peer> peers = {};
  std::size_t peers_heard = 0;
  std::uint64_t received_bytes = 0;
  std::uint64_t sent_bytes = 0;

  /// Whether it is what is wanted. Where a peer was last heard may differ from
  /// where it was first looked for.
  bool serves(const std::string& key, std::uint16_t port,
              const std::vector<tunnel_peer>& wanted) const;
};

/// Makes the device and moves it into its router; what is left of an earlier
/// one by that name is removed first.
error make_tunnel(const network_tools& tools, const tunnel_place& place);

/// Makes it unless it serves already, and sets it up. Yields whether it is a
/// new one: no route leads to that. `links`: of its router. Steps: "make
/// tunnel", "set up tunnel".
expected<bool> ensure_tunnel(const network_tools& tools,
                             const tunnel_place& place,
                             const std::vector<link_facts>& links,
                             const secret& configuration,
                             const step_hook& before_step);

/// Gives it key, port and peers. Peers that stay keep their sessions.
error configure_tunnel(const network_tools& tools, const tunnel_place& place,
                       const secret& configuration);

/// What it says of itself; the device must be in its router.
expected<tunnel_facts> look_at_tunnel(const network_tools& tools,
                                      const tunnel_place& place);

/// Ends process and device, wherever they are; absent is a success.
error remove_tunnel(const network_tools& tools, const tunnel_place& place);

/// Number of the process that serves the device in user space; 0 if there is
/// none. Found through its control socket, so it is never somebody else's.
expected<int> tunnel_process(const std::string& name);

/// Reads what `wg show <name> dump` writes.
expected<tunnel_facts> read_tunnel(std::string_view dump);

} // namespace provision
