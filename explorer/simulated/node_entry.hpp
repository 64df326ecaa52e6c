#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explorer/simulated/location.hpp"
#include "messages/capacity.hpp"
#include "messages/error.hpp"

namespace provision::simulated {

/// A network interface of a node.
struct network_interface {
  std::string name = {};
  std::optional<std::vector<std::string>> addrs = {};
  std::optional<std::vector<std::string>> gateway = {};
  std::string macaddress = {};
};

/// A node as the directory knows it.
struct node_entry {
  std::int64_t id = 0;
  std::string node_id = {};
  std::string hostname = {};
  std::string node_id_v1 = {};
  std::int64_t farm_id = 0;
  std::string os_version = {};
  /// Unix seconds.
  std::int64_t created = 0;
  std::int64_t updated = 0;
  std::int64_t uptime = 0;
  std::string address = {};
  simulated::location location = {};
  resource_amount total_resources = {};
  resource_amount used_resources = {};
  resource_amount reserved_resources = {};
  workload_amount workloads = {};
  /// Compact JSON each.
  std::vector<std::string> proofs = {};
  std::optional<std::vector<network_interface>> ifaces = {};
  /// Compact JSON.
  std::string public_config = "null";
  bool free_to_use = false;
  bool approved = false;
  std::string public_key_hex = {};
  std::optional<std::vector<std::int64_t>> wg_ports = {};
  bool deleted = false;
};

expected<node_entry> read_node(std::string_view json);

/// The first broken rule, in the original's words.
error validate(const node_entry& n);

/// The original shows proofs only to those who ask; else they are null.
enum class proofs { shown, hidden };

std::string write(const node_entry& n, proofs shown);

/// Body of POST .../used_resources.
struct node_usage {
  resource_amount units = {};
  workload_amount counts = {};
};

expected<node_usage> read_usage(std::string_view json);

/// Body of POST .../capacity.
struct node_capacity {
  resource_amount total = {};
  /// The proof to append, made at `now`; compact JSON.
  std::string proof = {};
};

expected<node_capacity> read_capacity(std::string_view json, std::int64_t now);

/// Body of POST .../interfaces; nothing for null.
expected<std::optional<std::vector<network_interface>>>
read_interfaces(std::string_view json);

} // namespace provision::simulated
