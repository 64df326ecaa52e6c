#pragma once

#include <string>
#include <string_view>

namespace provision {

/// What tells a machine from all others: derived from the node and the
/// reservation alone, so nothing needs to be remembered to recognise it.
struct machine_identity {
  machine_identity(std::string_view node_id, std::string_view id);

  /// A UUID of version 5, lower case.
  std::string uuid;
  /// Of its network card, locally administered: "02:...".
  std::string hardware_address;
};

} // namespace provision
