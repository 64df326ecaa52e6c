#include "backends/host/machine_seed.hpp"

#include <cerrno>
#include <cstdio>

#include <sys/stat.h>

#include "backends/host/command.hpp"
#include "messages/base64.hpp"
#include "messages/json/json.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

/// JSON is YAML, too.
std::string list_of_keys(const std::vector<std::string>& keys) {
  std::string text = "[";
  for (const auto& key : keys)
    text += (text.size() > 1 ? "," : "") + json::quote(key);
  return text + ']';
}

std::string entry_of(const machine_file& file) {
  // Encoded: a secret may hold any byte.
  auto content = base64::encode(file.content.reveal());
  auto text = "{\"path\":" + json::quote(file.path)
              + ",\"permissions\":\"0600\",\"encoding\":\"b64\",\"content\":\""
              + content + "\"}";
  wipe(content);
  return text;
}

secret user_data(const machine_order& order) {
  std::string text = "#cloud-config\n{\"ssh_authorized_keys\":"
                     + list_of_keys(order.ssh_keys) + ",\"write_files\":[";
  const auto* separator = "";
  for (const auto& file : order.files) {
    auto entry = entry_of(file);
    text += separator + entry;
    wipe(entry);
    separator = ",";
  }
  text += "]}\n";
  return secret::absorb(text);
}

/// Gone with its owner, with all that is in it.
struct scratch {
  explicit scratch(std::string where) : path{std::move(where)} {}
  ~scratch() { shim::remove_tree(path); }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  const std::string path;
};

error write_parts(const machine_seed& seed, const std::string& folder) {
  // Left behind by a crash.
  if (auto failed = shim::remove_tree(folder))
    return failed;
  if (::mkdir(folder.c_str(), 0700) != 0)
    return last_system_error("make folder " + folder);
  auto text = std::string{seed.user_data.reveal()};
  auto failed = shim::write_durably(folder + "/user-data", text);
  wipe(text);
  if (!failed)
    failed = shim::write_durably(folder + "/meta-data", seed.meta_data);
  if (!failed)
    failed
      = shim::write_durably(folder + "/network-config", seed.network_config);
  return failed;
}

} // namespace

machine_seed make_seed(const machine_order& order, const network_terms& terms,
                       const machine_identity& who) {
  return {
    .user_data = user_data(order),
    .meta_data = "{\"instance-id\":" + json::quote(who.uuid)
                 + ",\"local-hostname\":" + json::quote(order.id) + "}\n",
    .network_config
    = "{\"version\":2,\"ethernets\":{\"eth0\":{\"match\":{\"macaddress\":"
      + json::quote(who.hardware_address)
      + "},\"set-name\":\"eth0\",\"mtu\":" + std::to_string(terms.mtu)
      + ",\"dhcp4\":false,\"addresses\":[" + json::quote(terms.address)
      + "],\"gateway4\":" + json::quote(terms.gateway) + "}}}\n"};
}

error write_seed(const machine_seed& seed, const std::string& program,
                 const std::string& folder, const std::string& name) {
  const scratch parts{folder + "/seed.parts"};
  if (auto failed = write_parts(seed, parts.path))
    return failed;
  const auto path = folder + '/' + name;
  const auto temporary = path + ".tmp";
  const auto made
    = run({.program = program,
           .arguments = {"-quiet", "-volid", "cidata", "-joliet", "-rock",
                         "-output", temporary, parts.path}});
  if (!made)
    return made.error();
  if (::chmod(temporary.c_str(), 0600) != 0
      || ::rename(temporary.c_str(), path.c_str()) != 0)
    return last_system_error("make " + path);
  return {};
}

} // namespace provision
