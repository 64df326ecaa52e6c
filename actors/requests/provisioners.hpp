#pragma once

#include <string>

#include "messages/reservation.hpp"

/// What the engine asks of a type's provisioner.
namespace provision {

struct provision_workload {
  reservation_ptr what = {};
};

struct decommission_workload {
  reservation_ptr what = {};
};

/// What a provisioner made: compact JSON, "null" if nothing.
struct provisioned_workload {
  std::string data = {};
};

struct probe_provisioner {};

} // namespace provision
