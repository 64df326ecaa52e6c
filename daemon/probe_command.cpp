#include <algorithm>
#include <filesystem>
#include <iomanip>
#include <ostream>

#include "backends/host/disk_kind.hpp"
#include "backends/host/probe_host.hpp"
#include "daemon/commands.hpp"
#include "daemon/ipv6_gateway.hpp"
#include "daemon/node.hpp"
#include "messages/json/json.hpp"

namespace provision::commands {

namespace {

/// The folder itself, or what there is of the way to it: a probe makes none.
std::string nearest_folder(std::filesystem::path path) {
  std::error_code failure;
  while (!path.empty() && !std::filesystem::is_directory(path, failure))
    path = path.parent_path();
  return path.empty() ? "/" : path.string();
}

void write_json(const std::vector<type_ability>& found,
                const disk_finding& disk, std::ostream& out) {
  const auto* separator = "[";
  for (const auto& [type, ability] : found) {
    out << separator << "{\"type\":" << json::quote(type.name)
        << ",\"state\":" << json::quote(to_string(ability.state))
        << ",\"technique\":" << json::quote(ability.technique)
        << ",\"reason\":" << json::quote(ability.reason)
        << ",\"remedy\":" << json::quote(ability.remedy);
    if (type == reservation_types::volume)
      out << ",\"disk\":" << json::quote(to_string(disk.kind))
          << ",\"disk_reason\":" << json::quote(disk.reason);
    out << '}';
    separator = ",";
  }
  out << "]\n";
}

void write_table(const std::vector<type_ability>& found,
                 const disk_finding& disk, std::ostream& out) {
  constexpr int type_width = 18;
  constexpr int state_width = 10;
  constexpr int indent = type_width + state_width;
  for (const auto& [type, ability] : found) {
    out << std::left << std::setw(type_width) << type.name
        << std::setw(state_width) << to_string(ability.state)
        << (ability.technique.empty() ? ability.reason : ability.technique)
        << '\n';
    if (!ability.technique.empty() && !ability.reason.empty())
      out << std::string(indent, ' ') << ability.reason << '\n';
    if (type == reservation_types::volume)
      out << std::string(indent, ' ') << "on " << to_string(disk.kind) << ": "
          << disk.reason << '\n';
    if (!ability.remedy.empty())
      out << std::string(indent, ' ') << "for more: " << ability.remedy << '\n';
  }
}

} // namespace

int probe(const config::node_config& settings, bool as_json,
          std::ostream& out) {
  const auto folder = nearest_folder(node_paths{settings}.volumes);
  const auto found
    = probe_host(folder, settings.machines.image_folder, settings.zdb,
                 {.space = settings.networks.underlay,
                  .bridge = settings.public_addresses.bridge},
                 settings.gateway, ipv6_terms(settings.gateway));
  const auto disk = find_disk_kind(folder, settings.volumes.disk);
  if (as_json)
    write_json(found, disk, out);
  else
    write_table(found, disk, out);
  return 0;
}

} // namespace provision::commands
