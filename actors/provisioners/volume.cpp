#include "actors/provisioners/volume.hpp"

#include <cstdint>
#include <limits>
#include <string>

#include "messages/byte_units.hpp"
#include "messages/json/json.hpp"

namespace provision {

namespace {

expected<std::string> provision_volume(volume_backend& backend,
                                       const reservation& r) {
  auto* wanted = std::get_if<workloads::volume>(&r.workload);
  if (!wanted)
    return fail(errc::invalid_reservation,
                "reservation " + r.id + ": data: is not a volume");
  if (wanted->size == 0)
    return fail(errc::invalid_reservation,
                "reservation " + r.id + ": size: must be at least 1 GiB");
  if (wanted->size > std::numeric_limits<std::uint64_t>::max() / gib)
    return fail(errc::invalid_reservation,
                "reservation " + r.id + ": size: is more than any disk has");
  auto name = filesystem_name(r);
  auto path = backend.ensure(name, wanted->size * gib);
  if (!path)
    return fail(path.error());
  return "{\"volume_id\":" + json::quote(name) + "}";
}

} // namespace

workload_functions volume_functions(std::shared_ptr<volume_backend> backend) {
  return {
    .provision
    = [backend](const reservation& r) { return provision_volume(*backend, r); },
    .decommission
    = [backend](
        const reservation& r) { return backend->destroy(filesystem_name(r)); }};
}

} // namespace provision
