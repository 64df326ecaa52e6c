#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "backends/host/gateway_record.hpp"

/// Whose a domain is, and what follows from all records together. Nothing here
/// touches the host.
namespace provision {

/// What the operator set.
struct gateway_terms {
  /// Zones of the node's own.
  std::vector<std::string> domains = {};
  std::vector<std::string> name_servers = {};
  bool has_http = false;
  bool has_tls = false;
  bool has_tunnels = false;
  bool has_zones = false;
};

/// A zone that is to be kept.
struct dns_zone {
  std::string domain = {};
  /// The user whose it is; empty: the node's own.
  std::string owner = {};
  /// Names in it, whole, with their addresses, each once.
  std::map<std::string, std::vector<workloads::ip_address>> names = {};

  bool operator==(const dns_zone&) const = default;
};

/// Why `wanted` cannot be served beside `book`, where an older record of the
/// same id does not count. errc::invalid_reservation, or errc::host_unavailable
/// for what the operator did not set.
error check_claim(const gateway_book& book, const std::string& id,
                  const gateway_record& wanted, const gateway_terms& terms);

/// Which record serves each domain for which something comes in. Of several of
/// one user for one domain the one that was reserved last counts.
std::map<std::string, std::string> served_domains(const gateway_book& book);

/// Whether something comes in for it: a proxy of either kind, not a zone.
bool is_proxy(const gateway_record& record);

/// Zones of the node and of the users, sorted; every name is in the innermost
/// zone around it, if that is its owner's or the node's.
std::vector<dns_zone> zones_of(const gateway_book& book,
                               const gateway_terms& terms);

/// Whether the reservation of `id` was made after that of `other`.
bool is_later(std::string_view id, std::string_view other);

} // namespace provision
