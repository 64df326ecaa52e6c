#include "explorer/simulated/node_entry.hpp"
#include "explorer/simulated/number_text.hpp"
#include "messages/json/json.hpp"

namespace provision::simulated {

namespace {

std::string write(const resource_amount& units) {
  return "{\"cru\":" + std::to_string(units.cru) + ",\"mru\":"
         + number_text(units.mru) + ",\"hru\":" + number_text(units.hru)
         + ",\"sru\":" + number_text(units.sru) + "}";
}

std::string write(const workload_amount& counts) {
  return "{\"network\":" + std::to_string(counts.network)
         + ",\"network_resource\":" + std::to_string(counts.network_resource)
         + ",\"volume\":" + std::to_string(counts.volume)
         + ",\"zdb_namespace\":" + std::to_string(counts.zdb_namespace)
         + ",\"container\":" + std::to_string(counts.container)
         + ",\"k8s_vm\":" + std::to_string(counts.k8s_vm)
         + ",\"proxy\":" + std::to_string(counts.proxy)
         + ",\"reverse_proxy\":" + std::to_string(counts.reverse_proxy)
         + ",\"subdomain\":" + std::to_string(counts.subdomain)
         + ",\"delegate_domain\":" + std::to_string(counts.delegate_domain)
         + "}";
}

std::string write(const std::string& text) {
  return json::quote(text);
}

std::string write(std::int64_t number) {
  return std::to_string(number);
}

template <class Element>
std::string write(const std::optional<std::vector<Element>>& list);

std::string write(const network_interface& each) {
  return "{\"name\":" + json::quote(each.name) + ",\"addrs\":"
         + write(each.addrs) + ",\"gateway\":" + write(each.gateway)
         + ",\"macaddress\":" + json::quote(each.macaddress) + "}";
}

template <class Element>
std::string write(const std::optional<std::vector<Element>>& list) {
  if (!list)
    return "null";
  std::string text = "[";
  for (const auto& each : *list)
    text.append(text.size() > 1 ? "," : "").append(write(each));
  return text + "]";
}

std::string write_proofs(const std::vector<std::string>& list) {
  std::string text = "[";
  for (const auto& each : list)
    text.append(text.size() > 1 ? "," : "").append(each);
  return text + "]";
}

std::string write(bool flag) {
  return flag ? "true" : "false";
}

} // namespace

std::string write(const node_entry& n, proofs shown) {
  return "{\"id\":" + write(n.id) + ",\"node_id\":" + write(n.node_id)
         + ",\"hostname\":" + write(n.hostname) + ",\"node_id_v1\":"
         + write(n.node_id_v1) + ",\"farm_id\":" + write(n.farm_id)
         + ",\"os_version\":" + write(n.os_version) + ",\"created\":"
         + write(n.created) + ",\"updated\":" + write(n.updated)
         + ",\"uptime\":" + write(n.uptime) + ",\"address\":" + write(n.address)
         + ",\"location\":" + write(n.location)
         + ",\"total_resources\":" + write(n.total_resources)
         + ",\"used_resources\":" + write(n.used_resources)
         + ",\"reserved_resources\":" + write(n.reserved_resources)
         + ",\"workloads\":" + write(n.workloads) + ",\"proofs\":"
         + (shown == proofs::shown ? write_proofs(n.proofs) : "null")
         + ",\"ifaces\":" + write(n.ifaces) + ",\"public_config\":"
         + n.public_config + ",\"free_to_use\":" + write(n.free_to_use)
         + ",\"approved\":" + write(n.approved) + ",\"public_key_hex\":"
         + write(n.public_key_hex) + ",\"wg_ports\":" + write(n.wg_ports)
         + ",\"deleted\":" + write(n.deleted) + "}";
}

} // namespace provision::simulated
