#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/workloads/address.hpp"
#include "messages/workloads/enums.hpp"

namespace provision::workloads {

/// A volume inside a container.
struct container_mount {
  /// Reservation id of the volume.
  std::string volume_id = {};
  std::string mountpoint = {};

  bool operator==(const container_mount&) const = default;
};

/// A container's place in a network.
struct container_network {
  /// The network's name, as its user knows it.
  std::string network_id = {};
  /// Absent if the container has no network.
  std::optional<std::vector<ip_address>> ips = {};
  bool public_ip6 = false;
  bool yggdrasil_ip = false;

  bool operator==(const container_network&) const = default;
};

struct container_capacity {
  /// Virtual CPUs.
  std::uint64_t cpu = 0;
  /// MiB.
  std::uint64_t memory = 0;
  workloads::disk_type disk_type = workloads::disk_type::hdd;
  /// MiB.
  std::uint64_t disk_size = 0;

  bool operator==(const container_capacity&) const = default;
};

/// Where a container's output goes.
struct container_logs {
  /// "redis"; other kinds are kept under their own name.
  std::string type = {};
  std::string stdout_url = {};
  std::string stderr_url = {};
  /// Hex of the encrypted form; used instead of the plain one if not empty.
  std::string secret_stdout = {};
  std::string secret_stderr = {};

  bool operator==(const container_logs&) const = default;
};

/// Where a container's statistics go.
struct container_stats {
  /// "redis" or "unknown".
  std::string type = {};
  std::string endpoint = {};

  bool operator==(const container_stats&) const = default;
};

struct container {
  /// URL of the file list.
  std::string flist = {};
  /// Storage behind the file list; explorer field `hub_url`.
  std::string flist_storage = {};
  /// Absent is written as null.
  std::optional<std::map<std::string, std::string>> env = {};
  /// Values are hex of encrypted texts. Absent is written as null.
  std::optional<std::map<std::string, std::string>> secret_env = {};
  std::string entrypoint = {};
  bool interactive = false;
  std::vector<container_mount> mounts = {};
  container_network network = {};
  container_capacity capacity = {};
  std::vector<container_logs> logs = {};
  std::vector<container_stats> stats = {};

  bool operator==(const container&) const = default;
};

} // namespace provision::workloads
