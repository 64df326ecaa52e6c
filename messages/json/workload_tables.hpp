#pragma once

#include <array>

#include "messages/json/forms.hpp"
#include "messages/workloads/workload.hpp"

/// A reservation's data in the node's form, key by key as the original writes
/// it.
namespace provision::json {

template <>
inline constexpr std::array fields<workloads::volume>{
  member<&workloads::volume::size>("size"),
  member<&workloads::volume::type, as_name>("type"),
};

template <>
inline constexpr std::array fields<workloads::zdb>{
  member<&workloads::zdb::size>("size"),
  member<&workloads::zdb::mode, as_name>("mode"),
  member<&workloads::zdb::password>("password"),
  member<&workloads::zdb::disk_type, as_name>("disk_type"),
  member<&workloads::zdb::is_public>("public"),
};

template <>
inline constexpr std::array fields<workloads::container_mount>{
  member<&workloads::container_mount::volume_id>("volume_id"),
  member<&workloads::container_mount::mountpoint>("mountpoint"),
};

template <>
inline constexpr std::array fields<workloads::container_network>{
  member<&workloads::container_network::network_id>("network_id"),
  member<&workloads::container_network::ips>("ips"),
  member<&workloads::container_network::public_ip6>("public_ip6"),
  member<&workloads::container_network::yggdrasil_ip>("yggdrasil_ip"),
};

template <>
inline constexpr std::array fields<workloads::container_capacity>{
  member<&workloads::container_capacity::cpu>("cpu"),
  member<&workloads::container_capacity::memory>("memory"),
  member<&workloads::container_capacity::disk_type, as_name>("disk_type"),
  member<&workloads::container_capacity::disk_size>("disk_size"),
};

inline constexpr std::array log_data{
  member<&workloads::container_logs::stdout_url>("stdout"),
  member<&workloads::container_logs::stderr_url>("stderr"),
  member<&workloads::container_logs::secret_stdout>("secret_stdout"),
  member<&workloads::container_logs::secret_stderr>("secret_stderr"),
};

template <>
inline constexpr std::array fields<workloads::container_logs>{
  member<&workloads::container_logs::type>("type"),
  group<workloads::container_logs, log_data>("data"),
};

inline constexpr std::array stats_data{
  member<&workloads::container_stats::endpoint>("endpoint"),
};

template <>
inline constexpr std::array fields<workloads::container_stats>{
  member<&workloads::container_stats::type>("type"),
  group<workloads::container_stats, stats_data>("data"),
};

template <>
inline constexpr std::array fields<workloads::container>{
  member<&workloads::container::flist>("flist"),
  member<&workloads::container::flist_storage>("flist_storage"),
  member<&workloads::container::env>("env"),
  member<&workloads::container::secret_env>("secret_env"),
  member<&workloads::container::entrypoint>("entrypoint"),
  member<&workloads::container::interactive>("interactive"),
  member<&workloads::container::mounts>("mounts"),
  member<&workloads::container::network>("network"),
  member<&workloads::container::capacity>("capacity"),
  member_if_any<&workloads::container::logs>("logs"),
  member_if_any<&workloads::container::stats>("stats"),
};

template <>
inline constexpr std::array fields<workloads::kubernetes>{
  member<&workloads::kubernetes::size>("size"),
  member<&workloads::kubernetes::network_id>("network_id"),
  member<&workloads::kubernetes::ip>("ip"),
  member<&workloads::kubernetes::cluster_secret>("cluster_secret"),
  member<&workloads::kubernetes::master_ips>("master_ips"),
  member<&workloads::kubernetes::ssh_keys>("ssh_keys"),
  member<&workloads::kubernetes::public_ip>("public_ip"),
  member<&workloads::kubernetes::datastore_endpoint>("datastore_endpoint"),
  member<&workloads::kubernetes::disable_default_ingress>(
    "disable_default_ingress"),
};

template <>
inline constexpr std::array fields<workloads::network_peer>{
  member<&workloads::network_peer::subnet>("subnet"),
  member<&workloads::network_peer::wg_public_key>("wg_public_key"),
  member<&workloads::network_peer::allowed_ips>("allowed_ips"),
  member<&workloads::network_peer::endpoint>("endpoint"),
};

/// The capital letter is the original's.
template <>
inline constexpr std::array fields<workloads::network_resource>{
  member<&workloads::network_resource::name>("Name"),
  member<&workloads::network_resource::net_id>("net_id"),
  member<&workloads::network_resource::network_range>("ip_range"),
  member<&workloads::network_resource::node_id>("node_id"),
  member<&workloads::network_resource::subnet>("subnet"),
  member<&workloads::network_resource::wg_private_key>("wg_private_key"),
  member<&workloads::network_resource::wg_public_key>("wg_public_key"),
  member<&workloads::network_resource::wg_listen_port>("wg_listen_port"),
  member<&workloads::network_resource::peers>("peers"),
};

template <>
inline constexpr std::array fields<workloads::debug>{
  member<&workloads::debug::host>("host"),
  member<&workloads::debug::port>("port"),
  member<&workloads::debug::channel>("channel"),
};

template <>
inline constexpr std::array fields<workloads::public_ip>{
  member<&workloads::public_ip::ip, as_ip_and_mask>("ip"),
};

} // namespace provision::json
