#pragma once

#include <optional>
#include <string>

#include "backends/ability.hpp"
#include "backends/host/control_groups.hpp"

namespace provision {

/// Programs that namespaces need.
struct zdb_tools {
  /// The 0-db server.
  std::string server = {};
  /// Takes all of root's powers from it before it starts; empty: it is started
  /// with the rights of this process.
  std::string setpriv = {};
  std::string shim = {};
};

/// What this host can do for namespaces, and with what.
struct zdb_ability {
  provision::ability ability = {};
  zdb_tools tools = {};
  /// Nothing if there are none: then a server is not limited.
  std::optional<control_groups> groups = {};
};

/// Finds out by starting a server, which nobody can reach from outside, in a
/// scratch folder below `folder`, and by making a namespace there. `server`:
/// its program; empty: one that is found among the host's. Takes some tenths of
/// a second, ten seconds if the server does not answer, and leaves nothing
/// behind.
zdb_ability probe_zdb(const std::string& folder, const std::string& server);

} // namespace provision
