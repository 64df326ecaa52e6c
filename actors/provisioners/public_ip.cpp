#include "actors/provisioners/public_ip.hpp"

#include <string>

#include "messages/json/json.hpp"

namespace provision {

namespace {

using workloads::ip_address;

expected<std::string> provision_public_ip(public_ip_backend& backend,
                                          const reservation& r) {
  const auto refuse = [&r](const std::string& why) {
    return fail(errc::invalid_reservation, "reservation " + r.id + ": " + why);
  };
  const auto* wanted = std::get_if<workloads::public_ip>(&r.workload);
  if (wanted == nullptr)
    return refuse("data: is not a public_ip");
  if (wanted->ip.address.family == ip_address::kind::none)
    return refuse("ip: must not be empty");
  if (wanted->ip.address.family != ip_address::kind::v4)
    return refuse("ip: " + to_string(wanted->ip) + " is no IPv4 address");
  const auto id = filesystem_name(r);
  if (auto failed = backend.ensure({.id = id, .address = wanted->ip}))
    return fail(std::move(failed));
  return "{\"id\":" + json::quote(id)
         + ",\"ip\":" + json::quote(to_string(wanted->ip.address)) + '}';
}

} // namespace

workload_functions
public_ip_functions(std::shared_ptr<public_ip_backend> backend) {
  return {.provision =
            [backend](const reservation& r) {
              return provision_public_ip(*backend, r);
            },
          .decommission =
            [backend](const reservation& r) {
              return backend->destroy(filesystem_name(r));
            }};
}

} // namespace provision
