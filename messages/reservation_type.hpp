#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace provision {

/// Type of a reservation: an open set, because an embedder may bring types of
/// its own. The known ones are below.
struct reservation_type {
  /// The original's text form: "volume", "network_resource", ...
  std::string name = {};

  auto operator<=>(const reservation_type&) const = default;
};

namespace reservation_types {

inline const reservation_type debug{"debug"};
inline const reservation_type network{"network"};
inline const reservation_type network_resource{"network_resource"};
inline const reservation_type zdb{"zdb"};
inline const reservation_type volume{"volume"};
inline const reservation_type container{"container"};
inline const reservation_type kubernetes{"kubernetes"};
inline const reservation_type public_ip{"public_ip"};
inline const reservation_type proxy{"proxy"};
inline const reservation_type reverse_proxy{"reverse_proxy"};
inline const reservation_type subdomain{"subdomain"};
inline const reservation_type domain_delegate{"domain_delegate"};
inline const reservation_type gateway4to6{"gateway4to6"};

} // namespace reservation_types

/// The explorer's number for a workload type and for the category of a result.
enum class workload_type : std::uint8_t {
  zdb = 0,
  container = 1,
  volume = 2,
  network = 3,
  kubernetes = 4,
  proxy = 5,
  reverse_proxy = 6,
  subdomain = 7,
  domain_delegate = 8,
  gateway4to6 = 9,
  network_resource = 10,
  public_ip = 11,
};

/// "network_resource"; "UNKNOWN" for a number outside the table.
std::string_view to_string(workload_type type) noexcept;

/// The reservation type of a workload type; name "UNKNOWN" if there is none.
reservation_type to_reservation_type(workload_type type);

/// Rank of `type` in the order of a page: debug 0, network 1, network_resource
/// 2, zdb 3, volume 4, container 5, kubernetes 6, public_ip 7, gateway types 8
/// to 12, unknown last.
int order_rank(const reservation_type& type) noexcept;

} // namespace provision
