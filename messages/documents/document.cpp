#include "messages/documents/document.hpp"

#include <concepts>
#include <string_view>
#include <utility>

#include "messages/workloads/enums.hpp"

namespace provision::documents {

namespace {

/// A challenge in the making: values one after another, nothing in between.
class challenge_writer {
public:
  /// Appends every part in its text form.
  template <class... Ts>
  challenge_writer& add(const Ts&... parts) {
    (put(parts), ...);
    return *this;
  }

  std::string take() { return std::move(text_); }

private:
  void put(std::string_view text) { text_ += text; }
  void put(std::same_as<bool> auto flag) { text_ += flag ? "true" : "false"; }

  template <std::integral T>
  requires(!std::same_as<T, bool>) void put(T number) {
    text_ += std::to_string(number);
  }

  void put(const ip_address& ip) { put_address(to_string(ip)); }
  void put(const ip_range& range) { put_address(to_string(range)); }
  void put_address(const std::string& text) {
    text_ += text.empty() ? "<nil>" : text;
  }

  template <class T>
  void put(const std::optional<T>& list) {
    if (!list)
      return;
    for (const auto& element : *list)
      put(element);
  }

  void put(const std::pair<const std::string, std::string>& variable) {
    text_.append(variable.first).append("=").append(variable.second);
  }

  void put(const container_volume& v) { add(v.volume_id, v.mountpoint); }

  // The original leaves yggdrasil_ip out.
  void put(const container_connection& c) {
    add(c.network_id, c.ipaddress, c.public_ip6);
  }

  void put(const network_peer& p) {
    add(p.public_key, p.endpoint, p.iprange, p.allowed_iprange);
  }

  std::string text_;
};

std::string upper_case(std::string_view text) {
  std::string upper{text};
  for (auto& c : upper)
    if (c >= 'a' && c <= 'z')
      c = static_cast<char>(c - 'a' + 'A');
  return upper;
}

std::string_view disk_name(std::uint8_t number) noexcept {
  return to_string(workloads::disk_type{number});
}

/// Appends the part of a challenge that depends on the type.
struct content_writer {
  challenge_writer& out;

  void operator()(const volume& v) const {
    out.add(v.size, upper_case(disk_name(v.type)));
  }

  // stats_aggregator, and a container's stats and logs, are not covered.
  void operator()(const zdb& z) const {
    out.add(z.size, to_string(workloads::zdb_mode{z.mode}), z.password,
            disk_name(z.disk_type), z.is_public);
  }

  void operator()(const container& c) const {
    out.add(c.flist, c.hub_url, c.entrypoint, c.interactive, c.environment,
            c.secret_environment, c.volumes, c.network_connection,
            c.capacity.cpu, c.capacity.memory, c.capacity.disk_size,
            disk_name(c.capacity.disk_type));
  }

  void operator()(const kubernetes& k) const {
    out.add(k.size, k.cluster_secret, k.network_id, k.ipaddress, k.master_ips,
            k.ssh_keys, k.public_ip, k.datastore_endpoint,
            k.disable_default_ingress);
  }

  void operator()(const network_resource& n) const {
    out.add(n.name, n.network_iprange, n.wireguard_private_key_encrypted,
            n.wireguard_public_key, n.wireguard_listen_port, n.iprange,
            n.peers);
  }

  void operator()(const public_ip& p) const { out.add(p.ipaddress); }

  void operator()(const proxy& p) const {
    out.add(p.domain, p.addr, p.port, p.port_tls);
  }

  void operator()(const reverse_proxy& p) const { out.add(p.domain, p.secret); }
  void operator()(const subdomain& s) const { out.add(s.domain, s.ips); }
  void operator()(const domain_delegate& d) const { out.add(d.domain); }
  void operator()(const gateway4to6& g) const { out.add(g.public_key); }
};

} // namespace

std::string global_id(const workload& w) {
  return std::to_string(w.id) + "-" + std::to_string(w.workload_id);
}

std::string challenge(const workload& w) {
  challenge_writer out;
  out.add(w.workload_id, w.node_id, w.pool_id, w.reference, w.customer_tid,
          upper_case(to_string(workload_type{w.type})), w.epoch.seconds,
          w.description, w.metadata);
  std::visit(content_writer{out}, w.content);
  return out.take();
}

std::string challenge(const workload& w, std::string_view word,
                      std::int64_t tid) {
  return challenge(w).append(word).append(std::to_string(tid));
}

} // namespace provision::documents
