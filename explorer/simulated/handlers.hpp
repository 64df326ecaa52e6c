#pragma once

#include "explorer/simulated/answers.hpp"
#include "explorer/simulated/explorer_state.hpp"

/// Who serves which path; router.cpp says which. The numbers are those of
/// the protocol's description.
namespace provision::simulated {

using response = http_server_response;

// What nodes ask about workloads: N1 to N4.
response poll_workloads(explorer_state& state, const call& c);
response find_node_workload(explorer_state& state, const call& c);
response put_result(explorer_state& state, const call& c);
response put_deleted(explorer_state& state, const call& c);

// What users ask about workloads: U1 to U5.
response create_workload(explorer_state& state, const call& c);
response list_workloads(explorer_state& state, const call& c);
response find_workload(explorer_state& state, const call& c);
response sign_provision(explorer_state& state, const call& c);
response sign_delete(explorer_state& state, const call& c);

// The phonebook.
response create_user(explorer_state& state, const call& c);
response list_users(explorer_state& state, const call& c);
response find_user(explorer_state& state, const call& c);
response update_user(explorer_state& state, const call& c);
response validate_user(explorer_state& state, const call& c);

// The directory of nodes.
response register_node(explorer_state& state, const call& c);
response list_nodes(explorer_state& state, const call& c);
response find_node(explorer_state& state, const call& c);
response put_usage(explorer_state& state, const call& c);
response put_uptime(explorer_state& state, const call& c);
response put_capacity(explorer_state& state, const call& c);
response put_ports(explorer_state& state, const call& c);
response put_interfaces(explorer_state& state, const call& c);

// Farms and pools.
response create_farm(explorer_state& state, const call& c);
response list_farms(explorer_state& state, const call& c);
response find_farm(explorer_state& state, const call& c);
response add_farm_ips(explorer_state& state, const call& c);
response order_pool(explorer_state& state, const call& c);
response find_pool(explorer_state& state, const call& c);
response list_pools(explorer_state& state, const call& c);

// For people who look at the simulation.
response show_overview(explorer_state& state, const call& c);
response show_workloads(explorer_state& state, const call& c);
response show_faults(explorer_state& state, const call& c);
response change_faults(explorer_state& state, const call& c);

/// Part of a list that a request asks for with page and size.
struct page_of {
  std::size_t first = 0;
  std::size_t end = 0;
  /// Value of the header Pages.
  std::string pages = {};
};

page_of read_page(const call& c, std::size_t total);

/// `elements` as a JSON array, with the header Pages.
response answer_page(const std::vector<std::string>& elements,
                     const std::string& pages);

/// The raw key of the user whose decimal number is `id`; errc::unknown_user.
expected<std::string> find_user_key(const explorer_state& state,
                                    std::string_view id);

/// Whether the request carries a valid signature of a user.
bool is_user(const explorer_state& state, const call& c);

} // namespace provision::simulated
