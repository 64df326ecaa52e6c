#include "actors/provisioners/kubernetes.hpp"

#include <string>

#include "actors/provisioners/refusal.hpp"
#include "messages/byte_units.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

using workloads::ip_address;

constexpr auto configuration_path = "/etc/rancher/k3s/config.yaml";

/// The first rule that is broken; empty if none is.
std::string broken_rule(const workloads::kubernetes& wanted) {
  if (!workloads::find_kubernetes_size(wanted.size))
    return "size: " + std::to_string(wanted.size) + " is none from 1 to 18";
  if (wanted.network_id.empty())
    return "network_id: must not be empty";
  if (wanted.ip.family == ip_address::kind::none)
    return "ip: must not be empty";
  if (wanted.master_ips)
    for (const auto& master : *wanted.master_ips)
      if (master.family == ip_address::kind::none)
        return "master_ips: has one that is no address";
  return {};
}

std::string server_of(const ip_address& master) {
  const auto text = workloads::to_string(master);
  return "https://"
         + (master.family == ip_address::kind::v6 ? '[' + text + ']' : text)
         + ":6443";
}

/// JSON, which is YAML, too. Several masters are one cluster, so the first is
/// as good as any.
machine_file k3s_configuration(const workloads::kubernetes& wanted,
                               const secret& token) {
  std::string text
    = "{\"flannel-iface\":\"eth0\",\"token\":" + json::quote(token.reveal());
  if (wanted.master_ips && !wanted.master_ips->empty())
    text += ",\"server\":" + json::quote(server_of(wanted.master_ips->front()));
  if (!wanted.datastore_endpoint.empty())
    text += ",\"datastore-endpoint\":" + json::quote(wanted.datastore_endpoint);
  if (wanted.disable_default_ingress)
    text += ",\"disable\":[\"traefik\"]";
  text += "}\n";
  return {configuration_path, secret::absorb(text)};
}

/// Id of the public address that the machine is to have; empty: none. The
/// explorer numbers workloads anew, so it is always the first of its
/// reservation.
expected<std::string> public_ip_of(const kubernetes_desk& desk,
                                   const reservation& r,
                                   const workloads::kubernetes& wanted) {
  if (wanted.public_ip == 0)
    return std::string{};
  if (!desk.public_ip_owner)
    return fail(refuse(r, "public_ip: this node has no public addresses for "
                          "machines: "
                            + desk.why_no_public_ips));
  auto id = std::to_string(wanted.public_ip) + "-1";
  const auto owner = desk.public_ip_owner(id);
  // In the order of work it comes behind the machine: it is waited for.
  if (!owner && owner.error().code == errc::no_such_reservation)
    return fail(errc::host_busy, "reservation " + r.id
                                   + ": public_ip: " + owner.error().message);
  if (!owner)
    return fail(owner.error());
  if (*owner != r.user_id)
    return fail(refuse(r, "public_ip: " + id + " is another user's"));
  return id;
}

expected<machine_order> order_of(const kubernetes_desk& desk,
                                 const reservation& r) {
  const auto* wanted = std::get_if<workloads::kubernetes>(&r.workload);
  if (wanted == nullptr)
    return fail(refuse(r, "data: is not a kubernetes"));
  if (const auto broken = broken_rule(*wanted); !broken.empty())
    return fail(refuse(r, broken));
  auto public_ip = public_ip_of(desk, r, *wanted);
  if (!public_ip)
    return fail(public_ip.error());
  const auto token = desk.open_secret(r, wanted->cluster_secret);
  if (!token)
    return fail(token.error().code, "reservation " + r.id + ": cluster_secret: "
                                      + token.error().message);
  const auto size = *workloads::find_kubernetes_size(wanted->size);
  machine_order order{.id = filesystem_name(r),
                      .cpus = size.vcpu,
                      .memory_bytes = size.memory * gib,
                      .disk_bytes = size.disk * gib,
                      .network_id = network_id(r.user_id, wanted->network_id),
                      .address = wanted->ip,
                      .public_ip = std::move(*public_ip)};
  if (wanted->ssh_keys)
    order.ssh_keys = *wanted->ssh_keys;
  order.files.push_back(k3s_configuration(*wanted, *token));
  return order;
}

expected<std::string> provision_kubernetes(const kubernetes_desk& desk,
                                           const reservation& r) {
  const auto order = order_of(desk, r);
  if (!order)
    return fail(order.error());
  if (auto failed = desk.backend->ensure(*order))
    return fail(std::move(failed));
  return "{\"id\":" + json::quote(order->id)
         + ",\"ip\":" + json::quote(workloads::to_string(order->address)) + '}';
}

} // namespace

workload_functions kubernetes_functions(kubernetes_desk desk) {
  auto shared = std::make_shared<const kubernetes_desk>(std::move(desk));
  return {.provision =
            [shared](const reservation& r) {
              return provision_kubernetes(*shared, r);
            },
          .decommission =
            [shared](const reservation& r) {
              return shared->backend->destroy(filesystem_name(r));
            }};
}

} // namespace provision
