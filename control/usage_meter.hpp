#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "messages/capacity.hpp"
#include "messages/error.hpp"
#include "messages/workload_usage.hpp"
#include "persistence/record.hpp"

namespace provision {

/// What the workload of this name uses; blocks. Thread-safe.
using usage_reader
  = std::function<expected<workload_usage>(const std::string& name)>;
/// By type, such as "volume".
using usage_readers = std::map<std::string, usage_reader, std::less<>>;

/// A live reservation beside what its workload uses.
struct measured_workload {
  std::string id = {};
  std::string type = {};
  /// What the host calls it: the first id of all, if it was migrated.
  std::string name = {};
  resources takes = {};
  workload_usage uses = {};
  /// Why it was not measured.
  error failed = {};
};

/// Of a record, not measured yet. `struct`, because some sources that see this
/// also see the function record().
measured_workload to_be_measured(const struct record& row);

/// Whether it uses more memory or disk than it reserved.
bool is_beyond(const measured_workload& one) noexcept;

struct usage_job {
  std::vector<measured_workload> of = {};
  /// Called by the meter when all are measured.
  std::function<void(std::vector<measured_workload>&)> then = {};
};

} // namespace provision

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(provision::usage_job)

namespace provision {

/// METER: asks the host what workloads use, which may hang; it has a thread of
/// its own, and nobody waits for it.
using usage_meter_actor = caf::typed_actor<caf::reacts_to<usage_job>>;

usage_meter_actor::behavior_type usage_meter(usage_meter_actor::pointer self,
                                             usage_readers readers);

} // namespace provision
