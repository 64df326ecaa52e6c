#pragma once

#include <string>
#include <vector>

#include "config/node_config.hpp"

namespace provision::config {

/// Which keys differ between two configurations.
struct changes {
  /// A running daemon takes these over.
  std::vector<std::string> live = {};
  /// These wait for its next start.
  std::vector<std::string> restart = {};
};

changes changes_between(const node_config& before, const node_config& after);

} // namespace provision::config
