#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/container_images.hpp"
#include "identity/secret.hpp"

namespace provision {

/// A folder of the host that a container sees.
struct shown_folder {
  std::string source = {};
  std::string target = {};
};

/// What an OCI runtime is told of a container.
struct oci_bundle {
  std::string hostname = {};
  /// Absolute path where its files will be mounted.
  std::string root = {};
  std::vector<std::string> arguments = {};
  /// "NAME=value", each name once.
  std::vector<secret> environment = {};
  std::string work_folder = "/";
  std::uint32_t user = 0;
  std::uint32_t group = 0;
  std::vector<std::uint32_t> more_groups = {};
  user_range users = {};
  std::vector<shown_folder> folders = {};
  /// Path of its network namespace; empty: a new one without anything.
  std::string network_space = {};
  /// From seccomp_rules().
  std::string seccomp = {};
};

/// What a container's first process may do inside its own user namespace.
const std::vector<std::string>& container_capabilities();

/// The text of config.json. It holds the environment in the clear.
secret oci_configuration(const oci_bundle& bundle);

/// `later` over `earlier`: each name once, with the last value, in the order
/// of the names' first appearance.
std::vector<secret> merged_environment(const std::vector<std::string>& earlier,
                                       const std::vector<secret>& later);

} // namespace provision
