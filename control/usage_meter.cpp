#include "control/usage_meter.hpp"

#include <caf/typed_event_based_actor.hpp>

#include "control/api_answers.hpp"

namespace provision {

namespace {

/// The result's data names what was made, also after a migration.
std::string name_of(const record& row) {
  for (const auto* member : {"volume_id", "id"})
    if (auto name = text_member(row.result.data, member))
      return *name;
  return row.id;
}

void measure(const usage_readers& readers, measured_workload& one) {
  const auto reader = readers.find(one.type);
  if (reader == readers.end()) {
    one.failed
      = {errc::backend_failure, "nothing measures the type " + one.type};
    return;
  }
  auto uses = reader->second(one.name);
  if (uses)
    one.uses = *uses;
  else
    one.failed = std::move(uses.error());
}

} // namespace

measured_workload to_be_measured(const record& row) {
  return {.id = row.id,
          .type = row.type.name,
          .name = name_of(row),
          .takes = row.takes};
}

bool is_beyond(const measured_workload& one) noexcept {
  // A machine's own overhead and tables are not what its owner reserved.
  constexpr std::uint64_t overhead = 256U << 20U;
  const bool is_machine = one.type == reservation_types::kubernetes.name;
  const auto spare = [&](std::uint64_t taken) {
    return is_machine ? taken + taken / 16 + overhead : taken;
  };
  const auto disk = one.takes.hru + one.takes.sru;
  return (one.takes.mru != 0
          && one.uses.memory_bytes.value_or(0) > spare(one.takes.mru))
         || (disk != 0 && one.uses.disk_bytes.value_or(0) > spare(disk));
}

usage_meter_actor::behavior_type usage_meter(usage_meter_actor::pointer,
                                             usage_readers readers) {
  return {[readers = std::move(readers)](usage_job& job) {
    for (auto& one : job.of)
      measure(readers, one);
    job.then(job.of);
  }};
}

} // namespace provision
