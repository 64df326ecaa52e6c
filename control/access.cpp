#include "control/access.hpp"

#include <grp.h>

#include <algorithm>
#include <vector>

namespace provision {

namespace {

/// Nothing for no name.
expected<std::optional<std::uint32_t>> group_number(const std::string& key,
                                                    const std::string& name) {
  if (name.empty())
    return std::optional<std::uint32_t>{};
  constexpr std::size_t room = 65536;
  std::vector<char> buffer(room);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (!found)
    return fail(errc::invalid_configuration,
                key + ": the host has no group " + name);
  return std::optional<std::uint32_t>{entry.gr_gid};
}

bool is_member(const http_peer& peer, std::optional<std::uint32_t> group) {
  return group
         && std::find(peer.groups.begin(), peer.groups.end(), *group)
              != peer.groups.end();
}

} // namespace

expected<access_rules> access_rules::make(const config::api_settings& settings,
                                          std::uint32_t own_user) {
  auto readers = group_number("api.reader_group", settings.reader_group);
  if (!readers)
    return fail(readers.error());
  auto admins = group_number("api.admin_group", settings.admin_group);
  if (!admins)
    return fail(admins.error());
  access_rules rules;
  rules.own_user_ = own_user;
  rules.readers_ = *readers;
  rules.admins_ = *admins;
  return rules;
}

std::optional<api_role>
access_rules::role_of(const http_peer& peer) const noexcept {
  if (peer.user == 0 || peer.user == own_user_ || is_member(peer, admins_))
    return api_role::admin;
  if (is_member(peer, readers_))
    return api_role::reader;
  return std::nullopt;
}

} // namespace provision
