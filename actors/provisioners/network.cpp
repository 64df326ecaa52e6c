#include "actors/provisioners/network.hpp"

#include <string>

namespace provision {

namespace {

using workloads::ip_address;
using workloads::ip_range;

bool is_none(const ip_range& range) {
  return range.address.family == ip_address::kind::none;
}

/// The first field that every network must have and this one has not, in the
/// original's order; empty if there is none.
std::string missing_field(const workloads::network_resource& wanted) {
  if (wanted.net_id.empty())
    return "net_id";
  if (wanted.name.empty())
    return "name";
  if (is_none(wanted.network_range))
    return "ip_range";
  if (wanted.node_id.empty())
    return "node_id";
  if (is_none(wanted.subnet))
    return "subnet";
  if (wanted.wg_private_key.empty())
    return "wg_private_key";
  if (wanted.wg_public_key.empty())
    return "wg_public_key";
  if (wanted.wg_listen_port == 0)
    return "wg_listen_port";
  for (const auto& peer : wanted.peers) {
    if (peer.wg_public_key.empty())
      return "peers.wg_public_key";
    if (is_none(peer.subnet))
      return "peers.subnet";
    if (peer.allowed_ips.empty())
      return "peers.allowed_ips";
  }
  return {};
}

expected<std::string> provision_network(network_backend& backend,
                                        const reservation& r) {
  const auto refuse = [&r](const std::string& why) {
    return fail(errc::invalid_reservation, "reservation " + r.id + ": " + why);
  };
  const auto* wanted = std::get_if<workloads::network_resource>(&r.workload);
  if (wanted == nullptr)
    return refuse("data: is not a network");
  if (const auto field = missing_field(*wanted); !field.empty())
    return refuse(field + ": must not be empty");
  auto failed = backend.ensure({.id = network_of(r),
                                .user_id = r.user_id,
                                .holder = filesystem_name(r),
                                .resource = *wanted});
  if (failed)
    return fail(std::move(failed));
  return "null";
}

error decommission_network(network_backend& backend, const reservation& r) {
  // The name of a network that could not be decoded is not known; but then it
  // was never made.
  const auto id = network_of(r);
  return id.empty() ? error{} : backend.destroy(id, filesystem_name(r));
}

} // namespace

workload_functions network_functions(std::shared_ptr<network_backend> backend) {
  return {.provision
          = [backend](
              const reservation& r) { return provision_network(*backend, r); },
          .decommission =
            [backend](const reservation& r) {
              return decommission_network(*backend, r);
            }};
}

} // namespace provision
