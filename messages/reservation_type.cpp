#include "messages/reservation_type.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iterator>

namespace provision {

namespace {

/// Index: the explorer's number.
constexpr std::array<std::string_view, 12> workload_names{
  "zdb",           "container",        "volume",
  "network",       "kubernetes",       "proxy",
  "reverse_proxy", "subdomain",        "domain_delegate",
  "gateway4to6",   "network_resource", "public_ip",
};

/// Index: the rank. What others stand on comes first.
constexpr std::array<std::string_view, 13> ranked_names{
  "debug",       "network",   "network_resource",
  "zdb",         "volume",    "container",
  "kubernetes",  "public_ip", "domain_delegate",
  "subdomain",   "proxy",     "reverse_proxy",
  "gateway4to6",
};

} // namespace

std::string_view to_string(workload_type type) noexcept {
  auto index = static_cast<std::size_t>(type);
  return index < workload_names.size() ? workload_names[index] : "UNKNOWN";
}

reservation_type to_reservation_type(workload_type type) {
  return {std::string{to_string(type)}};
}

int order_rank(const reservation_type& type) noexcept {
  auto place = std::find(ranked_names.begin(), ranked_names.end(), type.name);
  return static_cast<int>(std::distance(ranked_names.begin(), place));
}

} // namespace provision
