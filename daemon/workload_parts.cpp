#include "daemon/workload_parts.hpp"

#include <algorithm>

#include "daemon/containers.hpp"
#include "daemon/gateways.hpp"
#include "daemon/ipv6_gateway.hpp"
#include "daemon/machines.hpp"
#include "daemon/networks.hpp"
#include "daemon/public_ips.hpp"
#include "daemon/volumes.hpp"
#include "daemon/zdb.hpp"

namespace provision {

namespace types = reservation_types;

const std::vector<workload_part>& workload_parts() {
  static const std::vector<workload_part> all{
    {add_volumes, {types::volume}},
    {add_networks, {types::network, types::network_resource}},
    {add_containers, {types::container}, {types::volume, types::network}},
    {add_public_ips, {types::public_ip}},
    {add_machines,
     {types::kubernetes},
     {types::volume, types::network, types::public_ip}},
    {add_zdb, {types::zdb}},
    {add_gateways,
     {types::proxy, types::reverse_proxy, types::subdomain,
      types::domain_delegate}},
    {add_ipv6_gateway, {types::gateway4to6}}};
  return all;
}

std::vector<workload_part> parts_for(const reservation_type& type) {
  const auto& all = workload_parts();
  const auto serves
    = [](const workload_part& part, const reservation_type& wanted) {
        return std::ranges::find(part.types, wanted) != part.types.end();
      };
  const auto last = std::ranges::find_if(
    all, [&](const workload_part& part) { return serves(part, type); });
  std::vector<workload_part> found;
  if (last == all.end())
    return found;
  for (auto part = all.begin(); part != last; ++part)
    if (std::ranges::any_of(last->builds_on, [&](const auto& wanted) {
          return serves(*part, wanted);
        }))
      found.push_back(*part);
  found.push_back(*last);
  return found;
}

} // namespace provision
