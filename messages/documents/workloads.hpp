#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "messages/workloads/address.hpp"

namespace provision::documents {

using workloads::ip_address;
using workloads::ip_range;

/// Element of stats_aggregator: an object without fields.
struct empty_object {
  bool operator==(const empty_object&) const = default;
};

struct volume {
  /// GiB.
  std::int64_t size = 0;
  /// 0 HDD, 1 SSD; other numbers are kept.
  std::uint8_t type = 0;

  bool operator==(const volume&) const = default;
};

struct zdb {
  /// GiB.
  std::int64_t size = 0;
  /// 0 seq, 1 user; other numbers are kept.
  std::uint8_t mode = 0;
  /// Hex, encrypted.
  std::string password = {};
  /// 0 hdd, 1 ssd; other numbers are kept.
  std::uint8_t disk_type = 0;
  bool is_public = false;
  std::optional<std::vector<empty_object>> stats_aggregator = {};

  bool operator==(const zdb&) const = default;
};

struct container_volume {
  /// A leading "-" means: of the same reservation.
  std::string volume_id = {};
  std::string mountpoint = {};

  bool operator==(const container_volume&) const = default;
};

struct container_connection {
  std::string network_id = {};
  ip_address ipaddress = {};
  bool public_ip6 = false;
  bool yggdrasil_ip = false;

  bool operator==(const container_connection&) const = default;
};

struct container_stats {
  std::string type = {};
  /// Compact JSON; empty if absent.
  std::string data = {};

  bool operator==(const container_stats&) const = default;
};

struct container_logs {
  std::string type = {};
  std::string stdout_url = {};
  std::string stderr_url = {};
  std::string secret_stdout = {};
  std::string secret_stderr = {};

  bool operator==(const container_logs&) const = default;
};

struct container_capacity {
  std::int64_t cpu = 0;
  /// MiB.
  std::int64_t memory = 0;
  /// MiB.
  std::uint64_t disk_size = 0;
  /// 0 hdd, 1 ssd; other numbers are kept.
  std::uint8_t disk_type = 0;

  bool operator==(const container_capacity&) const = default;
};

struct container {
  std::string flist = {};
  std::string hub_url = {};
  std::optional<std::map<std::string, std::string>> environment = {};
  std::optional<std::map<std::string, std::string>> secret_environment = {};
  std::string entrypoint = {};
  bool interactive = false;
  std::optional<std::vector<container_volume>> volumes = {};
  std::optional<std::vector<container_connection>> network_connection = {};
  std::optional<std::vector<container_stats>> stats = {};
  std::optional<std::vector<container_logs>> logs = {};
  container_capacity capacity = {};

  bool operator==(const container&) const = default;
};

struct kubernetes {
  std::int64_t size = 0;
  /// Hex, encrypted.
  std::string cluster_secret = {};
  std::string network_id = {};
  ip_address ipaddress = {};
  std::optional<std::vector<ip_address>> master_ips = {};
  std::optional<std::vector<std::string>> ssh_keys = {};
  std::optional<std::vector<empty_object>> stats_aggregator = {};
  std::int64_t public_ip = 0;
  std::string datastore_endpoint = {};
  bool disable_default_ingress = false;

  bool operator==(const kubernetes&) const = default;
};

struct network_peer {
  std::string public_key = {};
  std::string endpoint = {};
  ip_range iprange = {};
  std::optional<std::vector<ip_range>> allowed_iprange = {};

  bool operator==(const network_peer&) const = default;
};

struct network_resource {
  std::string name = {};
  ip_range network_iprange = {};
  std::string wireguard_private_key_encrypted = {};
  std::string wireguard_public_key = {};
  std::int64_t wireguard_listen_port = 0;
  ip_range iprange = {};
  std::optional<std::vector<network_peer>> peers = {};
  std::optional<std::vector<empty_object>> stats_aggregator = {};

  bool operator==(const network_resource&) const = default;
};

struct public_ip {
  ip_range ipaddress = {};

  bool operator==(const public_ip&) const = default;
};

} // namespace provision::documents
