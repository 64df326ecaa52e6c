#pragma once

#include <string>
#include <vector>

#include "backends/ability.hpp"
#include "backends/host/container_images.hpp"
#include "backends/host/control_groups.hpp"

namespace provision {

/// Programs and files that containers need.
struct container_tools {
  std::string crun = {};
  std::string shim = {};
  image_tools images = {};
  /// Text of a profile for seccomp_rules().
  std::string seccomp = {};
};

/// What this host can do for containers, and with what.
struct container_ability {
  provision::ability ability = {};
  container_tools tools = {};
  control_groups groups = {};
};

/// A folder of the host over which a container's files can be mounted, for the
/// runtime alone: every user can reach it, which the container's root must, and
/// none of `needed`, absolute paths, is below it. errc::backend_failure if
/// there is none.
expected<std::string> find_stage(const std::vector<std::string>& needed);

/// Finds out by running a container in a scratch folder below `folder`, with
/// limits and users of its own. Takes some tens of milliseconds and leaves
/// nothing behind. Networks and volumes are probed elsewhere.
container_ability probe_containers(const std::string& folder);

} // namespace provision
