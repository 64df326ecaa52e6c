#include "backends/host/probe_host.hpp"

#include <algorithm>

#include "backends/host/choose_volume_backend.hpp"
#include "backends/host/container_tools.hpp"
#include "backends/host/machine_image.hpp"
#include "backends/host/machine_tools.hpp"
#include "backends/host/network_tools.hpp"
#include "backends/host/public_probe.hpp"
#include "backends/host/zdb_tools.hpp"

namespace provision {

ability not_served() {
  return {.state = ability::level::missing,
          .reason = "this version has no back-end for it"};
}

std::vector<reservation_type> types_not_served() {
  namespace types = reservation_types;
  return {types::proxy, types::reverse_proxy, types::subdomain,
          types::domain_delegate, types::gateway4to6};
}

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

} // namespace

std::vector<type_ability> probe_host(const std::string& folder,
                                     const std::string& image_folder,
                                     const config::zdb_settings& zdb,
                                     const public_place& open) {
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
  for (const auto& type : types_not_served())
    found.push_back({type, not_served()});
  std::ranges::stable_sort(
    found, {}, [](const type_ability& one) { return order_rank(one.type); });
  return found;
}

} // namespace provision
