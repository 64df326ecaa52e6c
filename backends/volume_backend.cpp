#include "backends/volume_backend.hpp"

namespace provision {

expected<workload_usage> volume_backend::usage_of(std::string_view id,
                                                  const volume_facts& facts) {
  const std::string name{id};
  if (facts.state == presence::present) {
    workload_usage result{.disk_bytes = facts.used_bytes};
    if (facts.limit_bytes != 0)
      result.disk_bytes_max = facts.limit_bytes;
    return result;
  }
  if (facts.state == presence::absent)
    return fail(errc::no_such_reservation,
                "there is no volume " + name + " on this host");
  return fail(errc::backend_failure, "volume " + name + ": " + facts.reason);
}

} // namespace provision
