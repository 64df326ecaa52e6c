#include "backends/host/machine_seed.hpp"

#include <cerrno>
#include <cstdio>

#include <sys/stat.h>

#include "backends/host/command.hpp"
#include "messages/base64.hpp"
#include "messages/json/json.hpp"
#include "shim/remove_tree.hpp"
#include "shim/small_file.hpp"

namespace provision {

namespace {

constexpr std::string_view account_prefix = "github:";

/// JSON is YAML, too.
void append(std::string& list, const std::string& word) {
  list += (list.empty() ? "" : ",") + json::quote(word);
}

/// Keys as they are; those of an account are to be fetched by the machine.
std::string key_entries(const std::vector<std::string>& keys) {
  std::string own;
  std::string accounts;
  for (const auto& key : keys)
    if (key.starts_with(account_prefix))
      append(accounts, "gh:" + key.substr(account_prefix.size()));
    else
      append(own, key);
  return "\"ssh_authorized_keys\":[" + own + "],\"ssh_import_id\":[" + accounts
         + ']';
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
  std::string text
    = "#cloud-config\n{" + key_entries(order.ssh_keys) + ",\"write_files\":[";
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

std::string way_out(const std::string& gateway) {
  return "\"gateway4\":" + json::quote(gateway);
}

/// `way`: where it leads to.
std::string card(const std::string& name, const std::string& hardware_address,
                 std::uint32_t mtu, const std::string& address,
                 const std::string& way) {
  return json::quote(name) + ":{\"match\":{\"macaddress\":"
         + json::quote(hardware_address) + "},\"set-name\":" + json::quote(name)
         + ",\"mtu\":" + std::to_string(mtu)
         + ",\"dhcp4\":false,\"addresses\":[" + json::quote(address) + "],"
         + way + '}';
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
                       const std::optional<public_terms>& open,
                       const machine_identity& who) {
  // With two cards only one is the way out; the other nodes' parts of the
  // network are still behind the first.
  const auto way = open ? "\"routes\":[{\"to\":" + json::quote(terms.range)
                            + ",\"via\":" + json::quote(terms.gateway) + "}]"
                        : way_out(terms.gateway);
  auto cards
    = card("eth0", who.hardware_address, terms.mtu, terms.address, way);
  if (open)
    cards += ','
             + card("eth1", open->hardware_address, open->mtu, open->address,
                    way_out(open->gateway));
  return {.user_data = user_data(order),
          .meta_data = "{\"instance-id\":" + json::quote(who.uuid)
                       + ",\"local-hostname\":" + json::quote(order.id) + "}\n",
          .network_config = "{\"version\":2,\"ethernets\":{" + cards + "}}\n"};
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
