#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "explorer/simulated/location.hpp"
#include "messages/error.hpp"
#include "messages/workloads/address.hpp"

namespace provision::simulated {

struct wallet_address {
  std::string asset = {};
  std::string address = {};
};

/// An address that a farm lends out.
struct farm_ip {
  workloads::ip_range address = {};
  workloads::ip_address gateway = {};
  /// Workload that holds it; 0: free.
  std::int64_t reservation_id = 0;
};

struct cloud_units_price {
  std::int64_t currency = 0;
  double cu = 0;
  double su = 0;
  double nu = 0;
  double ipv4u = 0;
};

struct farm {
  std::int64_t id = 0;
  std::int64_t threebot_id = 0;
  std::string iyo_organization = {};
  std::string name = {};
  std::optional<std::vector<wallet_address>> wallet_addresses = {};
  simulated::location location = {};
  std::string email = {};
  /// Compact JSON.
  std::string resource_prices = "null";
  workloads::ip_range prefix_zero = {};
  std::optional<std::vector<farm_ip>> ipaddresses = {};
  bool enable_custom_pricing = false;
  cloud_units_price price = {};

  /// Gives a free address to a workload; false if there is none such.
  bool reserve_ip(const workloads::ip_range& address, std::int64_t workload);

  /// Takes it back; false if the workload does not hold it.
  bool release_ip(const workloads::ip_range& address, std::int64_t workload);
};

expected<farm> read_farm(std::string_view json);
expected<std::vector<farm_ip>> read_farm_ips(std::string_view json);

/// The first broken rule, in the original's words.
error validate(const farm& f);

std::string write(const farm& f);

} // namespace provision::simulated
