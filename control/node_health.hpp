#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "control/api.hpp"

namespace provision {

/// Something that an operator should look at.
struct problem {
  /// Stable; docs/operators_guide.md lists them.
  std::string_view code = {};
  std::string text = {};
};

/// Worst first.
std::vector<problem> problems_of(const node_picture& node);

/// "ok", "degraded", "paused", "starting" or "stopping".
std::string_view health_of(const node_picture& node);

/// One thing that was looked at to tell whether the node is ready.
struct readiness_check {
  std::string_view name = {};
  bool is_good = true;
  /// Whether the node is not ready if it is not good.
  bool is_needed = true;
  std::string text = {};
};

std::vector<readiness_check> readiness_of(const node_picture& node);

} // namespace provision
