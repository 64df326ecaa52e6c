#include "explorer/simulated/router.hpp"

namespace provision::simulated {

namespace {

constexpr auto anyone = caller_kind::anyone;
constexpr auto by_node = caller_kind::node;
constexpr auto by_user = caller_kind::user;

std::vector<route> make_routes() {
  return {
    // What nodes use most comes first.
    {"PUT", "/api/v1/reservations/nodes/{any}/workloads/{gwid}", anyone,
     side::node, put_result},
    {"GET", "/api/v1/reservations/nodes/{any}/workloads?from", anyone,
     side::node, poll_workloads},
    {"DELETE", "/api/v1/reservations/nodes/{any}/workloads/{gwid}", anyone,
     side::node, put_deleted},
    {"POST", "/api/v1/nodes/{any}/used_resources", by_node, side::node,
     put_usage},
    {"GET", "/api/v1/reservations/nodes/workloads/{gwid}", anyone, side::node,
     find_node_workload},

    {"POST", "/api/v1/nodes", by_node, side::node, register_node},
    {"GET", "/api/v1/nodes", anyone, side::user, list_nodes},
    {"GET", "/api/v1/nodes/{any}", anyone, side::node, find_node},
    {"POST", "/api/v1/nodes/{any}/uptime", by_node, side::node, put_uptime},
    {"POST", "/api/v1/nodes/{any}/capacity", by_node, side::node, put_capacity},
    {"POST", "/api/v1/nodes/{any}/ports", by_node, side::node, put_ports},
    {"POST", "/api/v1/nodes/{any}/interfaces", by_node, side::node,
     put_interfaces},

    {"POST", "/api/v1/users", anyone, side::user, create_user},
    {"GET", "/api/v1/users", anyone, side::user, list_users},
    {"PUT", "/api/v1/users/{any}", anyone, side::user, update_user},
    {"GET", "/api/v1/users/{any}", anyone, side::node, find_user},
    {"POST", "/api/v1/users/{any}/validate", anyone, side::user, validate_user},

    {"POST", "/api/v1/farms", anyone, side::user, create_farm},
    {"GET", "/api/v1/farms", anyone, side::user, list_farms},
    {"GET", "/api/v1/farms/{any}", anyone, side::node, find_farm},
    {"POST", "/api/v1/farms/{any}/ip", by_user, side::user, add_farm_ips},

    {"POST", "/api/v1/reservations/pools", anyone, side::user, order_pool},
    {"GET", "/api/v1/reservations/pools/{digits}", anyone, side::user,
     find_pool},
    {"GET", "/api/v1/reservations/pools/owner/{digits}", anyone, side::user,
     list_pools},

    {"POST", "/api/v1/reservations/workloads", by_user, side::user,
     create_workload},
    {"GET", "/api/v1/reservations/workloads", anyone, side::user,
     list_workloads},
    {"GET", "/api/v1/reservations/workloads/{digits}", anyone, side::user,
     find_workload},
    {"POST", "/api/v1/reservations/workloads/{digits}/sign/provision", anyone,
     side::user, sign_provision},
    {"POST", "/api/v1/reservations/workloads/{digits}/sign/delete", anyone,
     side::user, sign_delete},

    // Where the original's Go client looks for them.
    {"POST", "/api/v1/workloads", by_user, side::user, create_workload},
    {"GET", "/api/v1/workloads", anyone, side::user, list_workloads},
    {"GET", "/api/v1/workloads/{digits}", anyone, side::user, find_workload},
    {"POST", "/api/v1/workloads/{digits}/sign/provision", anyone, side::user,
     sign_provision},
    {"POST", "/api/v1/workloads/{digits}/sign/delete", anyone, side::user,
     sign_delete},

    // Older paths of the same.
    {"GET", "/explorer/reservations/nodes/{any}/workloads?from", anyone,
     side::node, poll_workloads},
    {"GET", "/explorer/reservations/workloads/{gwid}", anyone, side::node,
     find_node_workload},
    {"PUT", "/explorer/reservations/nodes/{any}/workloads/{gwid}", anyone,
     side::node, put_result},
    {"DELETE", "/explorer/reservations/nodes/{any}/workloads/{gwid}", anyone,
     side::node, put_deleted},
    {"POST", "/explorer/reservations/pools", anyone, side::user, order_pool},
    {"GET", "/explorer/reservations/pools/{digits}", anyone, side::user,
     find_pool},
    {"GET", "/explorer/reservations/pools/owner/{digits}", anyone, side::user,
     list_pools},
    {"POST", "/explorer/reservations", anyone, side::user, create_workload},
    {"POST", "/explorer/workloads", anyone, side::user, create_workload},
    {"GET", "/explorer/workloads", anyone, side::user, list_workloads},
    {"GET", "/explorer/workloads/{digits}", anyone, side::user, find_workload},
    {"POST", "/explorer/workloads/{digits}/sign/provision", anyone, side::user,
     sign_provision},
    {"POST", "/explorer/workloads/{digits}/sign/delete", anyone, side::user,
     sign_delete},
    {"POST", "/explorer/nodes", by_node, side::node, register_node},
    {"GET", "/explorer/nodes", anyone, side::user, list_nodes},
    {"GET", "/explorer/nodes/{any}", anyone, side::node, find_node},
    {"POST", "/explorer/nodes/{any}/used_resources", by_node, side::node,
     put_usage},
    {"POST", "/explorer/nodes/{any}/uptime", by_node, side::node, put_uptime},
    {"POST", "/explorer/nodes/{any}/capacity", by_node, side::node,
     put_capacity},
    {"POST", "/explorer/nodes/{any}/ports", by_node, side::node, put_ports},
    {"POST", "/explorer/nodes/{any}/interfaces", by_node, side::node,
     put_interfaces},
    {"POST", "/explorer/users", anyone, side::user, create_user},
    {"GET", "/explorer/users", anyone, side::user, list_users},
    {"PUT", "/explorer/users/{any}", anyone, side::user, update_user},
    {"GET", "/explorer/users/{any}", anyone, side::node, find_user},
    {"POST", "/explorer/users/{any}/validate", anyone, side::user,
     validate_user},
    {"POST", "/explorer/farms", anyone, side::user, create_farm},
    {"GET", "/explorer/farms", anyone, side::user, list_farms},
    {"GET", "/explorer/farms/{any}", anyone, side::node, find_farm},

    // Not the original's: for people who look at the simulation.
    {"GET", "/", anyone, side::people, show_overview},
    {"GET", "/sim/workloads", anyone, side::people, show_workloads},
    {"GET", "/sim/faults", anyone, side::people, show_faults},
    {"POST", "/sim/faults", anyone, side::people, change_faults},
  };
}

} // namespace

const std::vector<route>& routes() {
  static const auto all = make_routes();
  return all;
}

} // namespace provision::simulated
