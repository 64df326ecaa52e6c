#pragma once

#include <array>

#include "messages/documents/document.hpp"
#include "messages/json/forms.hpp"

/// The explorer's objects, key by key in wire order.
namespace provision::json {

template <>
inline constexpr std::array<field<documents::empty_object>, 0>
  fields<documents::empty_object>{};

template <>
inline constexpr std::array fields<documents::volume>{
  member<&documents::volume::size>("size"),
  member<&documents::volume::type>("type"),
};

template <>
inline constexpr std::array fields<documents::zdb>{
  member<&documents::zdb::size>("size"),
  member<&documents::zdb::mode>("mode"),
  member<&documents::zdb::password>("password"),
  member<&documents::zdb::disk_type>("disk_type"),
  member<&documents::zdb::is_public>("public"),
  member<&documents::zdb::stats_aggregator>("stats_aggregator"),
};

template <>
inline constexpr std::array fields<documents::container_volume>{
  member<&documents::container_volume::volume_id>("volume_id"),
  member<&documents::container_volume::mountpoint>("mountpoint"),
};

template <>
inline constexpr std::array fields<documents::container_connection>{
  member<&documents::container_connection::network_id>("network_id"),
  member<&documents::container_connection::ipaddress>("ipaddress"),
  member<&documents::container_connection::public_ip6>("public_ip6"),
  member<&documents::container_connection::yggdrasil_ip>("yggdrasil_ip"),
};

template <>
inline constexpr std::array fields<documents::container_stats>{
  member<&documents::container_stats::type>("type"),
  member<&documents::container_stats::data, as_raw>("data"),
};

inline constexpr std::array document_log_data{
  member<&documents::container_logs::stdout_url>("stdout"),
  member<&documents::container_logs::stderr_url>("stderr"),
  member<&documents::container_logs::secret_stdout>("secret_stdout"),
  member<&documents::container_logs::secret_stderr>("secret_stderr"),
};

template <>
inline constexpr std::array fields<documents::container_logs>{
  member<&documents::container_logs::type>("type"),
  group<documents::container_logs, document_log_data>("data"),
};

template <>
inline constexpr std::array fields<documents::container_capacity>{
  member<&documents::container_capacity::cpu>("cpu"),
  member<&documents::container_capacity::memory>("memory"),
  member<&documents::container_capacity::disk_size>("disk_size"),
  member<&documents::container_capacity::disk_type>("disk_type"),
};

template <>
inline constexpr std::array fields<documents::container>{
  member<&documents::container::flist>("flist"),
  member<&documents::container::hub_url>("hub_url"),
  member<&documents::container::environment>("environment"),
  member<&documents::container::secret_environment>("secret_environment"),
  member<&documents::container::entrypoint>("entrypoint"),
  member<&documents::container::interactive>("interactive"),
  member<&documents::container::volumes>("volumes"),
  member<&documents::container::network_connection>("network_connection"),
  member<&documents::container::stats>("stats"),
  member<&documents::container::logs>("logs"),
  member<&documents::container::capacity>("capacity"),
};

template <>
inline constexpr std::array fields<documents::kubernetes>{
  member<&documents::kubernetes::size>("size"),
  member<&documents::kubernetes::cluster_secret>("cluster_secret"),
  member<&documents::kubernetes::network_id>("network_id"),
  member<&documents::kubernetes::ipaddress>("ipaddress"),
  member<&documents::kubernetes::master_ips>("master_ips"),
  member<&documents::kubernetes::ssh_keys>("ssh_keys"),
  member<&documents::kubernetes::stats_aggregator>("stats_aggregator"),
  member<&documents::kubernetes::public_ip>("public_ip"),
  member<&documents::kubernetes::datastore_endpoint>("datastore_endpoint"),
  member<&documents::kubernetes::disable_default_ingress>(
    "disable_default_ingress"),
};

template <>
inline constexpr std::array fields<documents::network_peer>{
  member<&documents::network_peer::public_key>("public_key"),
  member<&documents::network_peer::endpoint>("endpoint"),
  member<&documents::network_peer::iprange>("iprange"),
  member<&documents::network_peer::allowed_iprange>("allowed_iprange"),
};

template <>
inline constexpr std::array fields<documents::network_resource>{
  member<&documents::network_resource::name>("name"),
  member<&documents::network_resource::network_iprange>("network_iprange"),
  member<&documents::network_resource::wireguard_private_key_encrypted>(
    "wireguard_private_key_encrypted"),
  member<&documents::network_resource::wireguard_public_key>(
    "wireguard_public_key"),
  member<&documents::network_resource::wireguard_listen_port>(
    "wireguard_listen_port"),
  member<&documents::network_resource::iprange>("iprange"),
  member<&documents::network_resource::peers>("peers"),
  member<&documents::network_resource::stats_aggregator>("stats_aggregator"),
};

template <>
inline constexpr std::array fields<documents::public_ip>{
  member<&documents::public_ip::ipaddress>("ipaddress"),
};

template <>
inline constexpr std::array fields<documents::proxy>{
  member<&documents::proxy::domain>("domain"),
  member<&documents::proxy::addr>("addr"),
  member<&documents::proxy::port>("port"),
  member<&documents::proxy::port_tls>("port_tls"),
};

template <>
inline constexpr std::array fields<documents::reverse_proxy>{
  member<&documents::reverse_proxy::domain>("domain"),
  member<&documents::reverse_proxy::secret>("secret"),
};

template <>
inline constexpr std::array fields<documents::subdomain>{
  member<&documents::subdomain::domain>("domain"),
  member<&documents::subdomain::ips>("ips"),
};

template <>
inline constexpr std::array fields<documents::domain_delegate>{
  member<&documents::domain_delegate::domain>("domain"),
};

template <>
inline constexpr std::array fields<documents::gateway4to6>{
  member<&documents::gateway4to6::public_key>("public_key"),
};

template <>
inline constexpr std::array fields<documents::signing_request>{
  member<&documents::signing_request::signers>("signers"),
  member<&documents::signing_request::quorum_min>("quorum_min"),
};

template <>
inline constexpr std::array fields<documents::signing_signature>{
  member<&documents::signing_signature::tid>("tid"),
  member<&documents::signing_signature::signature>("signature"),
  member<&documents::signing_signature::epoch, as_date>("epoch"),
};

template <>
inline constexpr std::array fields<documents::workload_result>{
  member<&documents::workload_result::category>("category"),
  member<&documents::workload_result::workload_id>("workload_id"),
  member<&documents::workload_result::data_json, as_raw>("data_json"),
  member<&documents::workload_result::signature>("signature"),
  member<&documents::workload_result::state>("state"),
  member<&documents::workload_result::message>("message"),
  member<&documents::workload_result::epoch, as_date>("epoch"),
  member<&documents::workload_result::node_id>("node_id"),
};

/// What every workload has; the keys of its type follow on the same level.
template <>
inline constexpr std::array fields<documents::workload>{
  member<&documents::workload::workload_id>("workload_id"),
  member<&documents::workload::node_id>("node_id"),
  member<&documents::workload::pool_id>("pool_id"),
  member<&documents::workload::reference>("reference"),
  member<&documents::workload::description>("description"),
  member<&documents::workload::signing_request_provision>(
    "signing_request_provision"),
  member<&documents::workload::signing_request_delete>(
    "signing_request_delete"),
  member<&documents::workload::id>("id"),
  member<&documents::workload::json>("json"),
  member<&documents::workload::customer_tid>("customer_tid"),
  member<&documents::workload::customer_signature>("customer_signature"),
  member<&documents::workload::next_action>("next_action"),
  member<&documents::workload::signatures_provision>("signatures_provision"),
  member<&documents::workload::signature_farmer>("signature_farmer"),
  member<&documents::workload::signatures_delete>("signatures_delete"),
  member<&documents::workload::epoch, as_date>("epoch"),
  member<&documents::workload::metadata>("metadata"),
  member<&documents::workload::result>("result"),
  member<&documents::workload::type>("workload_type"),
  member<&documents::workload::version>("version"),
};

/// Of these the node reads first what may be new.
inline constexpr std::array document_glance{
  member<&documents::workload::workload_id>("workload_id"),
  member<&documents::workload::id>("id"),
  member<&documents::workload::next_action>("next_action"),
  member<&documents::workload::result>("result"),
  member<&documents::workload::version>("version"),
};

} // namespace provision::json
