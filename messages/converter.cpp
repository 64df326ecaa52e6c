#include "messages/converter.hpp"

#include <array>
#include <utility>
#include <variant>

#include "messages/json/gateway.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

using workloads::disk_type;
using workloads::zdb_mode;

using conversion = expected<workloads::workload>;

bool is_known(disk_type type) noexcept {
  return type == disk_type::hdd || type == disk_type::ssd;
}

bool is_known(zdb_mode mode) noexcept {
  return mode == zdb_mode::seq || mode == zdb_mode::user;
}

/// "<before><name><after>", with the name that unknown numbers have.
conversion unknown(std::string_view before, std::string_view after = {}) {
  std::string message{before};
  message.append("UNKNOWN").append(after);
  return fail(errc::malformed_input, std::move(message));
}

/// The list, or an empty one for null.
template <class T>
const std::vector<T>& elements(const std::optional<std::vector<T>>& list) {
  static const std::vector<T> none;
  return list ? *list : none;
}

/// Statistics without a kind and a target that the node knows are "unknown".
workloads::container_stats
convert_stats(const documents::container_stats& from) {
  workloads::container_stats unusable{"unknown", {}};
  if (from.type != "redis" || from.data.empty())
    return unusable;
  // The node's own form holds the same object one level deeper, so its reader
  // decides what the object says.
  reservation probe;
  probe.type = reservation_types::container;
  probe.data = R"({"stats":[{"type":"redis","data":)" + from.data + "}]}";
  json::decode_workload(probe);
  auto container = std::get_if<workloads::container>(&probe.workload);
  if (probe.data_error || container == nullptr || container->stats.size() != 1)
    return unusable;
  return {from.type, std::move(container->stats.front().endpoint)};
}

workloads::container_network convert_network(const documents::container& from) {
  const auto& connections = elements(from.network_connection);
  if (connections.empty())
    return {};
  // The original looks at the first one only.
  const auto& first = connections.front();
  return {.network_id = first.network_id,
          .ips = std::vector{first.ipaddress},
          .public_ip6 = first.public_ip6,
          .yggdrasil_ip = first.yggdrasil_ip};
}

/// Converts what depends on the type. Numbers narrow silently, as there.
struct content_converter {
  const documents::workload& document;

  /// The gateway types, whose arguments are not decoded before they are needed.
  template <class T>
  conversion operator()(const T&) const {
    return workloads::workload{};
  }

  conversion operator()(const documents::volume& from) const {
    disk_type type{from.type};
    if (!is_known(type))
      return unknown("disk type ", " not supported");
    return workloads::volume{static_cast<std::uint64_t>(from.size), type};
  }

  conversion operator()(const documents::zdb& from) const {
    disk_type type{from.disk_type};
    zdb_mode mode{from.mode};
    if (!is_known(type))
      return unknown("device type ", " not supported");
    if (!is_known(mode))
      return unknown("0-db mode ", " not supported");
    return workloads::zdb{.size = static_cast<std::uint64_t>(from.size),
                          .mode = mode,
                          .password = from.password,
                          .disk_type = type,
                          .is_public = from.is_public};
  }

  conversion operator()(const documents::container& from) const {
    disk_type type{from.capacity.disk_type};
    if (!is_known(type))
      return unknown("unknown disk type: ");
    workloads::container to{
      .flist = from.flist,
      .flist_storage = from.hub_url,
      .env = from.environment,
      .secret_env = from.secret_environment,
      .entrypoint = from.entrypoint,
      .interactive = from.interactive,
      .network = convert_network(from),
      .capacity = {.cpu = static_cast<std::uint64_t>(from.capacity.cpu),
                   .memory = static_cast<std::uint64_t>(from.capacity.memory),
                   .disk_type = type,
                   .disk_size = from.capacity.disk_size},
    };
    for (const auto& volume : elements(from.volumes))
      to.mounts.push_back(
        {absolute_volume_id(volume.volume_id), volume.mountpoint});
    for (const auto& log : elements(from.logs))
      to.logs.push_back({log.type, log.stdout_url, log.stderr_url,
                         log.secret_stdout, log.secret_stderr});
    for (const auto& stats : elements(from.stats))
      to.stats.push_back(convert_stats(stats));
    return to;
  }

  conversion operator()(const documents::kubernetes& from) const {
    return workloads::kubernetes{.size = static_cast<std::uint8_t>(from.size),
                                 .network_id = from.network_id,
                                 .ip = from.ipaddress,
                                 .cluster_secret = from.cluster_secret,
                                 .master_ips = from.master_ips,
                                 .ssh_keys = from.ssh_keys,
                                 .public_ip = from.public_ip,
                                 .datastore_endpoint = from.datastore_endpoint,
                                 .disable_default_ingress
                                 = from.disable_default_ingress};
  }

  conversion operator()(const documents::network_resource& from) const {
    workloads::network_resource to{
      .name = from.name,
      .net_id = from.name,
      .network_range = from.network_iprange,
      .node_id = document.node_id,
      .subnet = from.iprange,
      .wg_private_key = from.wireguard_private_key_encrypted,
      .wg_public_key = from.wireguard_public_key,
      .wg_listen_port = static_cast<std::uint16_t>(from.wireguard_listen_port)};
    for (const auto& peer : elements(from.peers))
      to.peers.push_back({peer.iprange, peer.public_key,
                          elements(peer.allowed_iprange), peer.endpoint});
    return to;
  }

  conversion operator()(const documents::public_ip& from) const {
    return workloads::public_ip{from.ipaddress};
  }

  /// "-2" means: workload 2 of the same reservation.
  std::string absolute_volume_id(const std::string& id) const {
    return id.starts_with('-') ? std::to_string(document.id) + id : id;
  }
};

/// The data of a gateway type; empty for any other.
struct gateway_converter {
  template <class T>
  std::string operator()(const T&) const {
    return {};
  }

  std::string operator()(const documents::proxy& from) const {
    return json::write(
      workloads::proxy{from.domain, from.addr, from.port, from.port_tls});
  }

  std::string operator()(const documents::reverse_proxy& from) const {
    return json::write(workloads::reverse_proxy{from.domain, from.secret});
  }

  std::string operator()(const documents::subdomain& from) const {
    return json::write(workloads::subdomain{from.domain, elements(from.ips)});
  }

  std::string operator()(const documents::domain_delegate& from) const {
    return json::write(workloads::domain_delegate{from.domain});
  }

  std::string operator()(const documents::gateway4to6& from) const {
    return json::write(workloads::gateway4to6{from.public_key});
  }
};

result convert_result(const documents::workload_result& from) {
  return {.type = to_reservation_type(workload_type{from.category}),
          .id = from.workload_id,
          .created = from.epoch,
          .state = from.state,
          .error = from.message,
          .data = from.data_json,
          .signature = from.signature};
}

/// Under which type the explorer stores a result.
struct category {
  std::string_view type = {};
  workload_type number = {};
};

constexpr std::array<category, 12> categories{{
  {"volume", workload_type::volume},
  {"zdb", workload_type::zdb},
  {"container", workload_type::container},
  {"kubernetes", workload_type::kubernetes},
  {"network", workload_type::network},
  {"network_resource", workload_type::network},
  {"public_ip", workload_type::public_ip},
  {"proxy", workload_type::proxy},
  {"reverse_proxy", workload_type::reverse_proxy},
  {"subdomain", workload_type::subdomain},
  {"domain_delegate", workload_type::domain_delegate},
  {"gateway4to6", workload_type::gateway4to6},
}};

} // namespace

expected<reservation> to_reservation(const documents::workload& w) {
  auto content = std::visit(content_converter{w}, w.content);
  if (!content)
    return fail(std::move(content).error());
  reservation r{
    .id = documents::global_id(w),
    .user_id = std::to_string(w.customer_tid),
    .type = to_reservation_type(workload_type{w.type}),
    .created = w.epoch,
    .duration = std::chrono::nanoseconds::max(),
    .signature = w.customer_signature,
    .to_delete = documents::is_to_go(w.next_action),
    .reference = w.reference,
    .result = convert_result(w.result),
    .version = static_cast<int>(w.version),
    .workload = *std::move(content),
  };
  if (std::holds_alternative<std::monostate>(r.workload)) {
    r.data = std::visit(gateway_converter{}, w.content);
    return r;
  }
  if (!std::holds_alternative<workloads::network_resource>(r.workload))
    r.node_id = w.node_id;
  r.data = json::write(r.workload);
  return r;
}

expected<documents::workload_result> to_document(const result& r) {
  for (const auto& [type, number] : categories)
    if (r.type.name == type)
      return documents::workload_result{.category
                                        = static_cast<std::uint8_t>(number),
                                        .workload_id = r.id,
                                        .data_json = r.data,
                                        .signature = r.signature,
                                        .state = r.state,
                                        .message = r.error,
                                        .epoch = r.created,
                                        .node_id = {}};
  return fail(errc::unknown_workload_type,
              "unknown reservation type: " + r.type.name);
}

} // namespace provision
