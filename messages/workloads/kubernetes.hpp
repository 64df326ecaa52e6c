#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "messages/workloads/address.hpp"

namespace provision::workloads {

/// A virtual machine that runs kubernetes.
struct kubernetes {
  /// 1 to 18, see kubernetes_size.
  std::uint8_t size = 0;
  /// The network's name, as its user knows it.
  std::string network_id = {};
  ip_address ip = {};
  /// Hex of the encrypted secret.
  std::string cluster_secret = {};
  /// Empty: this machine is a master. Absent is written as null.
  std::optional<std::vector<ip_address>> master_ips = {};
  /// Absent is written as null.
  std::optional<std::vector<std::string>> ssh_keys = {};
  /// Id of a public_ip reservation; 0: none.
  std::int64_t public_ip = 0;
  std::string datastore_endpoint = {};
  bool disable_default_ingress = false;

  bool operator==(const kubernetes&) const = default;
};

/// What a machine of a size gets.
struct kubernetes_size {
  std::uint64_t vcpu = 0;
  /// GiB.
  std::uint64_t memory = 0;
  /// GiB, solid state.
  std::uint64_t disk = 0;
};

/// The row of the table; nothing for sizes other than 1 to 18.
std::optional<kubernetes_size> find_kubernetes_size(std::uint8_t size) noexcept;

} // namespace provision::workloads
