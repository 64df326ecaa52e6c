#include "actors/provisioners/debug.hpp"

#include <limits>
#include <utility>

#include "actors/provisioners/refusal.hpp"

namespace provision {

namespace {

using workloads::ip_address;

expected<debug_order> order_of(const reservation& r,
                               const std::string& node_id) {
  const auto* wanted = std::get_if<workloads::debug>(&r.workload);
  if (wanted == nullptr)
    return fail(refuse(r, "data: is not a debug"));
  const auto host = workloads::parse_ip(wanted->host);
  // A name server that hangs must not keep a thread that is to end.
  if (!host || host->family == ip_address::kind::none)
    return fail(refuse(r, "host: '" + wanted->host
                            + "' is no address; names are not looked up"));
  if (wanted->port < 1
      || wanted->port > std::numeric_limits<std::uint16_t>::max())
    return fail(refuse(r, "port: " + std::to_string(wanted->port)
                            + " is none from 1 to 65535"));
  return debug_order{.id = filesystem_name(r),
                     .host = *host,
                     .port = static_cast<std::uint16_t>(wanted->port),
                     .channel = wanted->channel.empty() ? node_id + "-logs"
                                                        : wanted->channel};
}

} // namespace

workload_functions debug_functions(std::shared_ptr<debug_backend> backend,
                                   std::string node_id) {
  return {.provision = [backend, node_id = std::move(node_id)](
                         const reservation& r) -> expected<std::string> {
            const auto order = order_of(r, node_id);
            if (!order)
              return fail(order.error());
            if (auto failed = backend->ensure(*order))
              return fail(std::move(failed));
            return "null";
          },
          .decommission =
            [backend](const reservation& r) {
              return backend->destroy(filesystem_name(r));
            }};
}

} // namespace provision
