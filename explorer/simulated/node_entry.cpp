#include "explorer/simulated/node_entry.hpp"

#include "explorer/simulated/digest.hpp"
#include "explorer/simulated/object_reader.hpp"
#include "messages/base58.hpp"
#include "messages/hex.hpp"
#include "messages/workloads/address.hpp"

namespace provision::simulated {

namespace {

void read_units(object_reader reader, resource_amount& units) {
  reader.read("cru", units.cru);
  reader.read("mru", units.mru);
  reader.read("hru", units.hru);
  reader.read("sru", units.sru);
}

void read_count(object_reader& reader, std::string_view key,
                std::uint16_t& count) {
  std::uint64_t number = 0;
  reader.read(key, number);
  count = static_cast<std::uint16_t>(number);
}

void read_counts(object_reader reader, workload_amount& counts) {
  read_count(reader, "network", counts.network);
  read_count(reader, "network_resource", counts.network_resource);
  read_count(reader, "volume", counts.volume);
  read_count(reader, "zdb_namespace", counts.zdb_namespace);
  read_count(reader, "container", counts.container);
  read_count(reader, "k8s_vm", counts.k8s_vm);
  read_count(reader, "proxy", counts.proxy);
  read_count(reader, "reverse_proxy", counts.reverse_proxy);
  read_count(reader, "subdomain", counts.subdomain);
  read_count(reader, "delegate_domain", counts.delegate_domain);
}

expected<network_interface> read_interface(object_reader& reader) {
  network_interface made;
  reader.read("name", made.name);
  reader.read("addrs", made.addrs);
  reader.read("gateway", made.gateway);
  reader.read("macaddress", made.macaddress);
  for (auto& each : made.addrs.value_or(std::vector<std::string>{}))
    if (auto range = workloads::parse_cidr(each); !range)
      return fail(range.error());
  for (auto& each : made.gateway.value_or(std::vector<std::string>{}))
    if (auto ip = workloads::parse_ip(each); !ip)
      return fail(ip.error());
  return made;
}

expected<std::vector<network_interface>>
read_all(std::vector<object_reader>& readers) {
  std::vector<network_interface> all;
  for (auto& each : readers) {
    auto made = read_interface(each);
    if (!made)
      return fail(made.error());
    all.push_back(std::move(*made));
  }
  return all;
}

error read_lists(object_reader& reader, node_entry& n) {
  if (auto list = reader.children("ifaces")) {
    auto all = read_all(*list);
    if (!all)
      return all.error();
    n.ifaces = std::move(*all);
  }
  if (auto list = reader.children("proofs"))
    for (auto& each : *list)
      n.proofs.push_back(each.raw());
  return reader.failure();
}

} // namespace

expected<node_entry> read_node(std::string_view json) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  node_entry n;
  reader->read("id", n.id);
  reader->read("node_id", n.node_id);
  reader->read("hostname", n.hostname);
  reader->read("node_id_v1", n.node_id_v1);
  reader->read("farm_id", n.farm_id);
  reader->read("os_version", n.os_version);
  reader->read("created", n.created);
  reader->read("updated", n.updated);
  reader->read("uptime", n.uptime);
  reader->read("address", n.address);
  n.location = read_location(reader->child("location"));
  read_units(reader->child("total_resources"), n.total_resources);
  read_units(reader->child("used_resources"), n.used_resources);
  read_units(reader->child("reserved_resources"), n.reserved_resources);
  read_counts(reader->child("workloads"), n.workloads);
  reader->read_raw("public_config", n.public_config);
  reader->read("free_to_use", n.free_to_use);
  reader->read("approved", n.approved);
  reader->read("public_key_hex", n.public_key_hex);
  reader->read("wg_ports", n.wg_ports);
  reader->read("deleted", n.deleted);
  if (auto broken = read_lists(*reader, n))
    return fail(broken);
  return n;
}

error validate(const node_entry& n) {
  auto broken = [](std::string text) {
    return error{errc::invalid_reservation, std::move(text)};
  };
  if (n.node_id.empty())
    return broken("node_is is required");
  if (n.farm_id == 0)
    return broken("farm_id is required");
  if (n.os_version.empty())
    return broken("os_version is required");
  if (n.public_key_hex.empty())
    return broken("public_key_hex is required");
  auto key = hex::decode(n.public_key_hex);
  if (!key)
    return broken("fail to decode public key: " + key.error().message);
  if (key->size() > 64 || base58::encode(*key) != n.node_id)
    return broken("nodeID and public key does not match");
  if (n.location == location{})
    return broken("location is required");
  return {};
}

expected<node_usage> read_usage(std::string_view json) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  node_usage usage;
  read_units(*reader, usage.units);
  read_counts(*reader, usage.counts);
  if (auto broken = reader->failure())
    return fail(broken);
  return usage;
}

expected<node_capacity> read_capacity(std::string_view json, std::int64_t now) {
  auto reader = object_reader::parse(json);
  if (!reader)
    return fail(reader.error());
  node_capacity capacity;
  read_units(reader->child("capacity"), capacity.total);
  auto raw = [](object_reader from, std::string_view key) {
    std::string text = "null";
    from.read_raw(key, text);
    return text;
  };
  auto dmi = reader->child("dmi");
  auto disks = reader->child("disks");
  auto hardware = "{\"sections\":" + raw(dmi, "sections")
                  + ",\"tooling\":" + raw(dmi, "tooling") + "}";
  auto storage = "{\"aggregator\":" + raw(disks, "aggregator")
                 + ",\"devices\":" + raw(disks, "devices")
                 + ",\"environment\":" + raw(disks, "environment")
                 + ",\"tool\":" + raw(disks, "tool") + "}";
  capacity.proof = "{\"created\":" + std::to_string(now)
                   + ",\"hardware_hash\":\"" + md5_hex(hardware)
                   + "\",\"disk_hash\":\"" + md5_hex(storage)
                   + "\",\"hardware\":" + hardware + ",\"disks\":" + storage
                   + ",\"hypervisor\":" + raw(*reader, "hypervisor") + "}";
  if (auto broken = reader->failure())
    return fail(broken);
  return capacity;
}

expected<std::optional<std::vector<network_interface>>>
read_interfaces(std::string_view json) {
  auto list = parse_objects(json);
  if (!list)
    return fail(list.error());
  if (!*list)
    return std::optional<std::vector<network_interface>>{};
  auto all = read_all(**list);
  if (!all)
    return fail(all.error());
  return std::optional{std::move(*all)};
}

} // namespace provision::simulated
