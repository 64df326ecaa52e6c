#include "actors/provisioners/ipv6_gateway.hpp"

#include <string>
#include <variant>

#include "actors/provisioners/refusal.hpp"
#include "messages/json/gateway.hpp"

namespace provision {

namespace {

/// As the original's gateway program answers.
std::string json_of(const ipv6_client_terms& terms) {
  using json::quote;
  return "{\"ips\":[" + quote(terms.address) + "],\"peers\":[{\"public_key\":"
         + quote(terms.gateway_key) + ",\"allowed_ips\":[" + quote(terms.reach)
         + "],\"endpoint\":" + quote(terms.endpoint) + "}]}";
}

expected<std::string> provision_client(ipv6_gateway_backend& backend,
                                       const reservation& r) {
  const auto wanted = json::read_gateway(r.type, r.data);
  if (!wanted)
    return fail(refuse(r, "data: " + wanted.error().message));
  const auto* client = std::get_if<workloads::gateway4to6>(&*wanted);
  if (client == nullptr)
    return fail(refuse(r, "data: is not a gateway4to6"));
  const auto terms = backend.ensure(
    {.id = filesystem_name(r), .public_key = client->public_key});
  if (!terms)
    return fail(terms.error().code,
                "reservation " + r.id + ": " + terms.error().message);
  return json_of(*terms);
}

} // namespace

workload_functions
ipv6_gateway_functions(std::shared_ptr<ipv6_gateway_backend> backend) {
  return {
    .provision
    = [backend](const reservation& r) { return provision_client(*backend, r); },
    .decommission
    = [backend](
        const reservation& r) { return backend->destroy(filesystem_name(r)); }};
}

} // namespace provision
