#pragma once

#include <string>

#include "backends/ability.hpp"

namespace provision {

/// Programs that a gateway needs.
struct gateway_tools {
  /// Empty: this host passes nothing on.
  std::string nginx = {};
  /// nginx's module for streams; empty: it is built in.
  std::string stream_module = {};
  /// Whom nginx's workers are, and their group.
  std::string user = {};
  std::string group = {};
  std::string shim = {};
  /// provisiond-router; empty: nothing is carried to clients that dial in.
  std::string router = {};
  /// Takes all of root's powers from that; empty: it keeps what this process
  /// has.
  std::string setpriv = {};
  /// Reads zone files as a DNS server would; empty: nobody does.
  std::string checkzone = {};
};

/// What this host can do for proxies and for zones, and with what.
struct gateway_ability {
  ability proxies = {};
  ability tunnels = {};
  ability zones = {};
  gateway_tools tools = {};
};

/// Finds out by starting an nginx that nobody can reach, with its own
/// configuration, in a scratch folder below `folder`, and by writing a zone
/// there. `nginx`: its program; empty: one that is found among the host's.
/// Takes some tenths of a second and leaves nothing behind.
gateway_ability probe_gateway(const std::string& folder,
                              const std::string& nginx);

} // namespace provision
