#include "backends/host/probe_host.hpp"

#include <algorithm>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/container_tools.hpp"
#include "backends/host/gateway_tools.hpp"
#include "backends/host/ipv6_gateway_probe.hpp"
#include "backends/host/machine_image.hpp"
#include "backends/host/machine_tools.hpp"
#include "backends/host/network_tools.hpp"
#include "backends/host/public_probe.hpp"
#include "backends/host/zdb_tools.hpp"

namespace provision {

namespace {

/// A container is always in a network.
ability probe_container_type(const std::string& folder,
                             const ability& networks) {
  if (networks.state == ability::level::missing)
    return {.state = ability::level::missing,
            .reason = "containers need networks: " + networks.reason,
            .remedy = networks.remedy};
  return probe_containers(folder).ability;
}

/// A machine needs an image, too; without one it is said what it would run by.
ability probe_machine_type(const std::string& folder,
                           const std::string& image_folder,
                           const ability& networks) {
  if (networks.state == ability::level::missing)
    return {.state = ability::level::missing,
            .reason = "machines need networks: " + networks.reason,
            .remedy = networks.remedy};
  auto found = probe_machines(folder).ability;
  if (found.state == ability::level::missing)
    return found;
  const auto without = found.technique + " would run them";
  if (image_folder.empty())
    return {.state = ability::level::missing,
            .reason = "there is no image for machines; " + without,
            .remedy = "set machines.image_folder"};
  if (const auto image = open_machine_image(image_folder); !image)
    return {.state = ability::level::missing,
            .reason = image.error().message + "; " + without,
            .remedy = "complete the folder of machines.image_folder"};
  return found;
}

/// Without an address it is said what would serve.
ability probe_zdb_type(const std::string& folder,
                       const config::zdb_settings& settings) {
  auto found = probe_zdb(folder, settings.server).ability;
  if (found.state == ability::level::missing || !settings.listen.empty())
    return found;
  return {.state = ability::level::missing,
          .reason = "no address is set for namespaces; " + found.technique
                    + " would serve them",
          .remedy = "set zdb.listen"};
}

/// Without an address or a folder it is said what would serve.
ability unless_set(ability found, bool is_set, const std::string& lacking,
                   const std::string& keys) {
  if (found.state == ability::level::missing || is_set)
    return found;
  return {.state = ability::level::missing,
          .reason = lacking + "; " + found.technique + " would do",
          .remedy = "set " + keys};
}

void probe_gateway_types(std::vector<type_ability>& found,
                         const std::string& folder,
                         const config::gateway_settings& settings) {
  namespace types = reservation_types;
  const auto can = probe_gateway(folder, settings.nginx);
  const bool listens
    = !settings.http_listen.empty() || !settings.tls_listen.empty();
  for (const auto& [type, ability] :
       {std::pair{types::proxy, can.proxies},
        std::pair{types::reverse_proxy, can.tunnels}})
    found.push_back(
      {type, unless_set(ability, listens, "no address is set for proxies",
                        "gateway.http_listen or gateway.tls_listen")});
  const auto zones = unless_set(can.zones, !settings.zone_folder.empty(),
                                "no folder is set for zones",
                                "gateway.zone_folder and gateway.name_servers");
  found.push_back({types::subdomain, zones});
  found.push_back({types::domain_delegate, zones});
}

} // namespace

std::vector<type_ability> probe_host(const std::string& folder,
                                     const std::string& image_folder,
                                     const config::zdb_settings& zdb,
                                     const public_place& open,
                                     const config::gateway_settings& gateway,
                                     const ipv6_gateway_terms& ipv6) {
  namespace types = reservation_types;
  const auto networks = probe_network().ability;
  std::vector<type_ability> found;
  found.push_back({types::network, networks});
  found.push_back({types::network_resource, networks});
  found.push_back({types::volume, probe_volumes(folder)});
  found.push_back({types::container, probe_container_type(folder, networks)});
  found.push_back(
    {types::kubernetes, probe_machine_type(folder, image_folder, networks)});
  // Nothing of the host is needed.
  found.push_back(
    {types::debug,
     {.state = ability::level::ok, .technique = "redis PUBLISH"}});
  found.push_back({types::zdb, probe_zdb_type(folder, zdb)});
  found.push_back({types::public_ip, probe_public_ips(open).ability});
  probe_gateway_types(found, folder, gateway);
  found.push_back(
    {types::gateway4to6, probe_ipv6_gateway(ipv6, open.space).ability});
  std::ranges::stable_sort(
    found, {}, [](const type_ability& one) { return order_rank(one.type); });
  return found;
}

} // namespace provision
