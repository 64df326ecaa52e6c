#include "actors/provisioners/zdb.hpp"

#include <limits>
#include <string>

#include "actors/provisioners/refusal.hpp"
#include "messages/byte_units.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

using workloads::zdb_mode;

/// The first rule that is broken; empty if none is.
std::string broken_rule(const workloads::zdb& wanted) {
  if (wanted.size == 0)
    return "size: must be at least 1 GiB";
  if (wanted.size > std::numeric_limits<std::uint64_t>::max() / gib)
    return "size: is more than any disk has";
  if (wanted.mode != zdb_mode::seq && wanted.mode != zdb_mode::user)
    return "mode: must be seq or user";
  return {};
}

expected<zdb_order> order_of(const zdb_desk& desk, const reservation& r) {
  const auto* wanted = std::get_if<workloads::zdb>(&r.workload);
  if (wanted == nullptr)
    return fail(refuse(r, "data: is not a zdb"));
  if (const auto broken = broken_rule(*wanted); !broken.empty())
    return fail(refuse(r, broken));
  auto password = desk.open_secret(r, wanted->password);
  if (!password)
    return fail(password.error().code, "reservation " + r.id + ": password: "
                                         + password.error().message);
  return zdb_order{.id = filesystem_name(r),
                   .size_bytes = wanted->size * gib,
                   .mode = wanted->mode,
                   .password = std::move(*password),
                   .is_public = wanted->is_public};
}

expected<std::string> provision_zdb(const zdb_desk& desk,
                                    const reservation& r) {
  const auto order = order_of(desk, r);
  if (!order)
    return fail(order.error());
  const auto place = desk.backend->ensure(*order);
  if (!place)
    return fail(place.error());
  std::string addresses;
  for (const auto& one : place->addresses)
    addresses += (addresses.empty() ? "" : ",") + json::quote(one);
  // The keys as the original writes them.
  return "{\"Namespace\":" + json::quote(order->id) + ",\"IPs\":[" + addresses
         + "],\"Port\":" + std::to_string(place->port) + '}';
}

} // namespace

workload_functions zdb_functions(zdb_desk desk) {
  auto shared = std::make_shared<const zdb_desk>(std::move(desk));
  return {
    .provision
    = [shared](const reservation& r) { return provision_zdb(*shared, r); },
    .decommission =
      [shared](const reservation& r) {
        return shared->backend->destroy(filesystem_name(r));
      }};
}

} // namespace provision
