#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "backends/host/command.hpp"
#include "backends/host/gateway_tools.hpp"
#include "backends/host/nginx_server.hpp"
#include "backends/host/router_server.hpp"
#include "backends/host/scratch_place.hpp"
#include "backends/host/zone_folder.hpp"
#include "router/setup.hpp"

namespace provision {

namespace {

constexpr const char* packages = "install the packages nginx and "
                                 "libnginx-mod-stream";

ability missing(std::string reason, std::string remedy) {
  return {.state = ability::level::missing,
          .reason = std::move(reason),
          .remedy = std::move(remedy)};
}

/// Whom workers of nginx may be, so that they are not root.
void find_user(gateway_tools& tools) {
  constexpr std::size_t room = 4096;
  for (const auto* name : {"www-data", "nginx", "nobody"}) {
    std::array<char, room> buffer{};
    passwd user = {};
    passwd* found = nullptr;
    if (::getpwnam_r(name, &user, buffer.data(), buffer.size(), &found) != 0
        || found == nullptr)
      continue;
    std::array<char, room> more{};
    group its = {};
    group* primary = nullptr;
    if (::getgrgid_r(user.pw_gid, &its, more.data(), more.size(), &primary) != 0
        || primary == nullptr)
      continue;
    tools.user = name;
    tools.group = its.gr_name;
    return;
  }
}

/// Where distributions put nginx's modules.
std::string find_module(const std::string& name) {
  for (const auto* place :
       {"/usr/lib/nginx/modules/", "/usr/lib64/nginx/modules/",
        "/usr/share/nginx/modules/"}) {
    const auto path = place + name;
    if (::access(path.c_str(), R_OK) == 0)
      return path;
  }
  return {};
}

ability find_tools(const std::string& nginx, gateway_tools& tools) {
  auto shim = find_shim();
  if (!shim)
    return missing(shim.error().message, "install provisiond as a whole");
  tools.shim = *shim;
  if (!nginx.empty() && ::access(nginx.c_str(), X_OK) != 0)
    return missing(last_system_error(nginx + " cannot be run").message,
                   "set gateway.nginx");
  const auto found = nginx.empty() ? find_program("nginx", "nginx")
                                   : expected<std::string>{nginx};
  if (!found)
    return missing("there is no nginx", packages);
  tools.nginx = *found;
  tools.stream_module = find_module("ngx_stream_module.so");
  if (::geteuid() == 0)
    find_user(tools);
  return {.state = ability::level::ok};
}

/// Starts one that listens at sockets in its own folder alone, with a domain of
/// each kind, and takes it away.
error try_nginx(const gateway_tools& tools, const std::string& folder) {
  const auto processes = supervised_processes::open(folder + "/p", tools.shim);
  if (!processes)
    return processes.error();
  const nginx_server server{*processes, {.tools = tools}};
  const auto failed
    = server.settle({{"probe.example", {"192.0.2.1:80", "192.0.2.1:443"}}});
  const auto stuck = server.settle({});
  return failed ? failed : stuck;
}

ability probe_proxies(const std::string& folder, const std::string& nginx,
                      gateway_tools& tools) {
  auto found = find_tools(nginx, tools);
  if (found.state == ability::level::missing)
    return found;
  if (auto failed = try_nginx(tools, folder))
    return missing(failed.message, tools.stream_module.empty()
                                     ? packages
                                     : "see what nginx says");
  found.technique = "nginx: " + tools.nginx;
  return found;
}

/// Starts one that listens at a port of the loopback which the system chooses.
error try_router(const gateway_tools& tools, const std::string& folder) {
  const auto processes = supervised_processes::open(folder + "/p", tools.shim);
  if (!processes)
    return processes.error();
  const router_server server{
    *processes,
    {.tools = tools, .host = "127.0.0.1", .door_folder = folder + "/d"}};
  const auto failed = server.settle({{"probe", router::digest_of("probe")}});
  const auto stuck = server.settle({});
  return failed ? failed : stuck;
}

/// Tunnels end at nginx.
ability probe_tunnels(const std::string& folder, const ability& proxies,
                      gateway_tools& tools) {
  if (proxies.state == ability::level::missing)
    return proxies;
  tools.router
    = std::filesystem::path{tools.shim}.replace_filename("provisiond-router");
  // Whoever is not root has no powers that could be taken.
  if (::geteuid() == 0)
    tools.setpriv = find_program("setpriv", "util-linux").value_or("");
  if (auto failed = try_router(tools, folder)) {
    tools.router.clear();
    return missing(failed.message, "install provisiond as a whole");
  }
  return {.state = ability::level::ok,
          .technique = proxies.technique + " and provisiond-router"};
}

error try_zone(const gateway_tools& tools, const std::string& folder) {
  const auto zones
    = zone_folder::open({.path = folder + "/z",
                         .terms = {"probe", {"ns1.probe.example"}},
                         .checkzone = tools.checkzone,
                         .pending_file = folder + "/untold",
                         .now = [] { return std::uint32_t{1}; }});
  const dns_zone zone{"delegated.example", "1", {}};
  if (!zones)
    return zones.error();
  if (auto failed = zones->settle({zone}))
    return failed;
  const auto flaw = zones->flaw(zone);
  return flaw ? error{errc::backend_failure, *flaw} : error{};
}

ability probe_zones(const std::string& folder, gateway_tools& tools) {
  const auto checker = find_program("named-checkzone", "bind9-utils");
  tools.checkzone = checker.value_or("");
  if (auto failed = try_zone(tools, folder))
    return missing(failed.message, "see what it says");
  if (checker)
    return {.state = ability::level::ok,
            .technique = "zone files, checked by " + *checker};
  return {.state = ability::level::degraded,
          .technique = "zone files",
          .reason = "nobody checks them before a DNS server reads them",
          .remedy = "install the package bind9-utils"};
}

} // namespace

gateway_ability probe_gateway(const std::string& folder,
                              const std::string& nginx) {
  gateway_ability found;
  const scratch_place scratch{folder};
  if (scratch.failed) {
    found.proxies
      = missing(scratch.failed.message, "make that folder writable");
    found.tunnels = found.proxies;
    found.zones = found.proxies;
    return found;
  }
  found.proxies = probe_proxies(scratch.path, nginx, found.tools);
  if (found.proxies.state == ability::level::missing)
    found.tools.nginx.clear();
  found.tunnels = probe_tunnels(scratch.path, found.proxies, found.tools);
  found.zones = probe_zones(scratch.path, found.tools);
  return found;
}

} // namespace provision
